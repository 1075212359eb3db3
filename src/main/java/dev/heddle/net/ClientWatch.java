package dev.heddle.net;

import dev.heddle.time.Deadline;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Disconnects clients that have stopped reading their replies, that do not come to the end of their handshake, and
 * those with whom the server's {@link ClientTimeouts} is over: blocking sockets have no time-outs of their own. One daemon
 * thread looks at all of them, so that a write costs one read of the clock and no timer. The server starts and
 * closes it.
 */
public final class ClientWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClientWatch.class);

    private final Map<ClientSocket, ClientSession> clients = new ConcurrentHashMap<>();
    private final Duration writeTimeout;
    private final ClientTimeouts patience;
    private final Thread thread;

    public ClientWatch(Duration writeTimeout, ClientTimeouts patience) {
        this.writeTimeout = writeTimeout;
        this.patience = patience;
        thread = Thread.ofPlatform().daemon().name("client-watch").start(this::watch);
    }

    public void add(ClientSocket socket, ClientSession session) {
        clients.put(socket, session);
    }

    public void remove(ClientSocket socket) {
        clients.remove(socket);
    }

    private void watch() {
        Duration half = Duration.ofMillis(Math.clamp(patience.shortest(writeTimeout).toMillis() / 8, 5, 500));
        Throwable failure = null; // to be logged in the next round: there may be no memory for that in this one
        while (!Thread.currentThread().isInterrupted()) {
            try {
                TimeUnit.NANOSECONDS.sleep(half.toNanos()); // whatever fails: it must not try again and again
                Deadline.in(half).sleep(); // after a pause of the JVM longer: clients' threads first
                if (failure != null) {
                    LOG.error("watching the clients has failed; it goes on", failure);
                    failure = null;
                }
                clients.forEach(this::lookSafely);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // closed: the thread ends
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }
    }

    private void lookSafely(ClientSocket socket, ClientSession session) {
        try {
            look(socket, session);
        } catch (RuntimeException | Error e) {
            LOG.error("watching {} has failed; it goes on", socket.peer(), e);
        }
    }

    private void look(ClientSocket socket, ClientSession session) {
        if (socket.stalled().compareTo(writeTimeout) > 0) {
            LOG.info("{} has hardly read for {} ms: disconnected", socket.peer(), writeTimeout.toMillis());
            socket.close();
            return;
        }
        if (!socket.isEstablished()) {
            if (socket.isLate()) {
                LOG.info("{} did not complete the TLS handshake in time: disconnected", socket.peer());
                socket.close();
            }
            return; // nothing can be said to it as yet
        }
        socket.pace().overdue(patience).ifPresent(what -> {
            switch (what) {
                case LOGIN -> expireStranger(socket, session);
                case REQUEST -> expire(socket, session, "ERR the request came too slowly: connection closed");
                case IDLE -> {
                    if (!session.isBusy()) {
                        expire(socket, session,
                                "ERR idle for " + patience.idle().toMillis() + " ms: connection closed");
                    }
                }
            }
        });
    }

    /**
     * Its reading thread may be held up, in a write that TLS itself had to make: then nothing reads what expire says.
     */
    private void expireStranger(ClientSocket socket, ClientSession session) {
        expire(socket, session, "ERR no login within " + patience.login().toMillis() + " ms: connection closed");
        if (socket.pace().overdue(patience.withLogin(patience.login().plus(writeTimeout)))
                .filter(ClientActivity.Overdue.LOGIN::equals).isPresent()) {
            LOG.info("{} has not logged in, and does not take that it is too late: disconnected", socket.peer());
            socket.close();
        }
    }

    private static void expire(ClientSocket socket, ClientSession session, String error) {
        LOG.debug("{}: {}", socket.peer(), error);
        session.expire(error);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
