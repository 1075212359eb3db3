package dev.heddle.server;

import dev.heddle.net.ClientCounts;
import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.Protocol;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listening socket and its accept loop, which runs on a thread of its own until the socket is closed. The
 * server owns it.
 */
final class Listener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
    /** Of a client that is refused: the usual first request is not larger. */
    private static final int UNREAD_BYTES = 4096;
    private static final String FULL = "the maximum number of clients is connected";
    private static final String STOPPING = "the server is stopping";
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(5);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(1);

    /** Starts the thread of a client that has a place; gives the place back when the thread has ended. */
    interface Admission {
        void admit(ClientSocket socket, ClientSession session);
    }

    private final Door door;
    private final ServerSocketChannel channel; // the door's
    private final Protocol protocol;
    private final Places places;
    private final Admission admission;
    private final ClientCounts counts;
    private Duration backoff = FIRST_BACKOFF; // the accept loop's alone

    /** @param door closed by this listener */
    Listener(Door door, Protocol protocol, Places places, Admission admission, ClientCounts counts) {
        this.door = door;
        channel = door.channel();
        this.protocol = protocol;
        this.places = places;
        this.admission = admission;
        this.counts = counts;
    }

    /**
     * Accepts clients until the listener is closed. Each gets a place, or waits for one in line, or is refused at once
     * when too many wait: so of all sockets only the one in hand is not bounded by a place of some kind.
     */
    void acceptClients() {
        Thread.currentThread().setName("accept-" + address());
        try {
            while (channel.isOpen()) {
                SocketChannel accepted = accept();
                if (accepted == null) {
                    continue;
                }
                if (places.tryTake()) {
                    if (!start(accepted)) {
                        backOff();
                    }
                } else if (!places.await(new Waiting(accepted))) {
                    refuse(accepted, noPlace());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does that; it ends the loop like a close
        } finally {
            places.acceptLoopEnded();
        }
    }

    private String noPlace() {
        return channel.isOpen() ? FULL : STOPPING;
    }

    /** A client in line. It may have left: whoever starts it finds out. */
    private final class Waiting implements Places.Guest {
        private final SocketChannel accepted;

        Waiting(SocketChannel accepted) {
            this.accepted = accepted;
        }

        @Override
        public boolean admit() {
            return start(accepted);
        }

        @Override
        public void refuse() {
            Listener.this.refuse(accepted, noPlace());
        }
    }

    private SocketChannel accept() throws InterruptedException {
        try {
            SocketChannel accepted = channel.accept();
            backoff = FIRST_BACKOFF;
            return accepted;
        } catch (IOException | OutOfMemoryError e) {
            if (channel.isOpen()) {
                LOG.warn("accept on {}: {}; next try in {} ms", address(), e.getMessage(), backoff.toMillis());
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
     * The caller's place goes to the client's thread, or back when there will be none.
     *
     * @return false when there is no thread for it, and most likely for no other
     */
    private boolean start(SocketChannel accepted) {
        boolean started = false;
        try {
            ClientSocket client = door.receive(accepted);
            admission.admit(client, protocol.open(client));
            started = true;
        } catch (IOException e) {
            LOG.debug("a client left before it was served: {}", e.getMessage());
            close(accepted);
        } catch (RuntimeException e) {
            LOG.error("a client of {} cannot be served; others go on", address(), e);
            close(accepted);
        } catch (OutOfMemoryError e) {
            LOG.warn("no thread for another client: {}", e.getMessage()); // only platform threads run out
            refuse(accepted, "no thread is left for another client");
            return false;
        } finally {
            if (!started) {
                places.giveBack();
            }
        }
        return true;
    }

    private void refuse(SocketChannel accepted, String reason) {
        counts.refuse();
        try (accepted) {
            if (door.isPlain()) { // else it would take a handshake, and so a thread, and so a place
                accepted.write(ByteBuffer.wrap(protocol.refusal(reason))); // fits the empty socket buffer
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

    /** The address in use, with the port that the system chose. */
    ListenAddress address() {
        return door.address();
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            LOG.warn("closing the listener on {}: {}", address(), e.getMessage());
        }
    }
}
