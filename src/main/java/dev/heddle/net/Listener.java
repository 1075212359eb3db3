package dev.heddle.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One listening socket and its accept loop, which runs on a thread of its own until the socket is closed. */
final class Listener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
    /** Of a client that is refused: the usual first request is not larger. */
    private static final int UNREAD_BYTES = 4096;
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(5);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(1);

    private final String name;
    private final ListenSocket socket;
    private final ServerSocketChannel channel; // of that socket
    private final Protocol protocol;
    private final ClientRegistry clients;
    private final ConnectionPermits permits; // of these clients
    private Duration backoff = FIRST_BACKOFF; // of the accept loop

    /** @param socket is closed by this listener */
    Listener(String name, ListenSocket socket, Protocol protocol, ClientRegistry clients) {
        this.name = name;
        this.socket = socket;
        channel = socket.channel();
        this.protocol = protocol;
        this.clients = clients;
        permits = clients.permits();
    }

    /**
     * Accepts clients until the listener is closed. Each gets a permit, or waits for one in line, or is refused at once
     * when too many wait: so of all sockets only the one in hand is not bounded by a permit or a place in the line.
     */
    void acceptClients() {
        Thread.currentThread().setName("accept-" + name);
        try {
            while (channel.isOpen()) {
                SocketChannel accepted = accept();
                if (accepted == null) {
                    continue;
                }
                Optional<ConnectionPermits.Permit> permit = permits.tryTake();
                if (permit.isPresent()) {
                    if (!start(accepted, permit.get())) {
                        backOff();
                    }
                } else if (!permits.await(waiting(accepted))) {
                    refuse(accepted, noPermit());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // never happens; it ends the loop like a close
        } finally {
            permits.takerEnds();
        }
    }

    private Dismissal noPermit() {
        return channel.isOpen() ? Dismissal.FULL : Dismissal.STOPPING;
    }

    /** A client in line. It may have left, which is found out when it is started. */
    private ConnectionPermits.Guest waiting(SocketChannel accepted) {
        return new ConnectionPermits.Guest() {
            @Override
            public boolean admit(ConnectionPermits.Permit permit) {
                return start(accepted, permit);
            }

            @Override
            public void refuse() {
                Listener.this.refuse(accepted, noPermit());
            }
        };
    }

    private SocketChannel accept() throws InterruptedException {
        try {
            SocketChannel accepted = channel.accept();
            backoff = FIRST_BACKOFF;
            return accepted;
        } catch (IOException | OutOfMemoryError e) {
            if (channel.isOpen()) {
                LOG.warn("accept on {}: {}; next try in {} ms", name, e.getMessage(), backoff.toMillis());
                backOff(); // most likely out of descriptors: trying at once would only burn the processor
            }
            return null;
        }
    }

    private void backOff() throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(backoff.toNanos());
        Duration doubled = backoff.multipliedBy(2);
        backoff = doubled.compareTo(LAST_BACKOFF) < 0 ? doubled : LAST_BACKOFF;
    }

    /**
     * Starts the client's thread, which then holds the permit. Closes the permit when there is no thread.
     *
     * @return false when there is no thread for this client, and most likely for no other
     */
    private boolean start(SocketChannel accepted, ConnectionPermits.Permit permit) {
        boolean started = false;
        try {
            clients.start(socket.receive(accepted, protocol), protocol, permit);
            started = true;
        } catch (IOException e) {
            LOG.debug("a client left before it was served: {}", e.getMessage());
            close(accepted);
        } catch (RuntimeException e) {
            LOG.error("a client of {} cannot be served; others go on", name, e);
            close(accepted);
        } catch (OutOfMemoryError e) {
            LOG.warn("no thread for another client: {}", e.getMessage()); // only platform threads run out
            refuse(accepted, Dismissal.NO_THREAD);
            return false;
        } finally {
            if (!started) {
                permit.close();
            }
        }
        return true;
    }

    private void refuse(SocketChannel accepted, Dismissal why) {
        clients.refuse();
        try (accepted) {
            if (socket.isPlain()) { // else it would take a handshake, and so a thread, and so a permit
                accepted.write(ByteBuffer.wrap(protocol.words(why))); // fits the empty socket buffer
                accepted.shutdownOutput();
                accepted.configureBlocking(false);
                ByteBuffer unread = ByteBuffer.allocate(UNREAD_BYTES);
                while (accepted.read(unread) > 0) { } // what is unread at the close makes it a reset
            }
        } catch (IOException e) {
            LOG.debug("a client left before it was refused: {}", e.getMessage());
        }
    }

    private static void close(SocketChannel accepted) {
        try {
            accepted.close();
        } catch (IOException e) {
            LOG.debug("closing a client that had left: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.warn("closing the listener on {}: {}", name, e.getMessage());
        }
    }
}
