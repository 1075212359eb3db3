package dev.heddle.net;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Disconnects clients that have stopped reading their replies, or do not come to the end of their handshake:
 * blocking sockets have no time-out of their own for that. One daemon thread looks at all of them, so that a write
 * costs two reads of the clock and no timer. The server starts and closes it.
 */
public final class StallWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StallWatch.class);

    private final Set<ClientSocket> sockets = ConcurrentHashMap.newKeySet();
    private final Duration writeTimeout;
    private final Thread thread;

    public StallWatch(Duration writeTimeout) {
        this.writeTimeout = writeTimeout;
        thread = Thread.ofPlatform().daemon().name("stall-watch").start(this::watch);
    }

    public void add(ClientSocket socket) {
        sockets.add(socket);
    }

    public void remove(ClientSocket socket) {
        sockets.remove(socket);
    }

    private void watch() {
        long intervalMillis = Math.clamp(writeTimeout.toMillis() / 4, 10, 1000);
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(intervalMillis);
                for (ClientSocket socket : sockets) {
                    if (socket.stalled().compareTo(writeTimeout) > 0) {
                        LOG.info("{} has hardly read for {} ms: disconnected", socket.peer(),
                                writeTimeout.toMillis());
                        socket.close();
                    } else if (socket.isLate()) {
                        LOG.info("{} did not complete the TLS handshake in time: disconnected", socket.peer());
                        socket.close();
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed: the thread ends
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
