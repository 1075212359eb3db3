package dev.heddle.net;

import dev.heddle.time.Deadline;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Disconnects clients that do not read their replies, do not complete their handshake, or exceed the server's
 * {@link ClientTimeouts}. Blocking sockets have no timeouts of their own; one daemon thread looks at all clients, so
 * that a write costs one read of the clock and no timer.
 */
public final class ClientWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClientWatch.class);

    private final Collection<ClientRegistry.Client> clients;
    private final Duration writeTimeout;
    private final ClientTimeouts timeouts;
    private final Thread thread;

    /** @param clients a view of those that are connected at each moment */
    ClientWatch(Collection<ClientRegistry.Client> clients, Duration writeTimeout, ClientTimeouts timeouts) {
        this.clients = clients;
        this.writeTimeout = writeTimeout;
        this.timeouts = timeouts;
        thread = Thread.ofPlatform().daemon().name("client-watch").start(this::watch);
    }

    private void watch() {
        Duration half = Duration.ofMillis(Math.clamp(timeouts.shortest(writeTimeout).toMillis() / 8, 5, 500));
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

    private void lookSafely(ClientRegistry.Client client) {
        try {
            look(client.socket(), client.session());
        } catch (RuntimeException | Error e) {
            LOG.error("watching {} has failed; it goes on", client.socket().peer(), e);
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
        socket.activity().overdue(timeouts).ifPresent(what -> {
            switch (what) {
                case LOGIN -> dismissStranger(socket, session);
                case REQUEST -> dismiss(socket, session, Dismissal.SLOW);
                case IDLE -> {
                    if (!session.isBusy()) {
                        dismiss(socket, session, Dismissal.idle(timeouts.idle()));
                    }
                }
            }
        });
    }

    /** Closes the socket of a client whose reading thread is held up in a write that TLS itself had to make. */
    private void dismissStranger(ClientSocket socket, ClientSession session) {
        dismiss(socket, session, Dismissal.noLogin(timeouts.login()));
        if (socket.activity().overdue(timeouts.withLogin(timeouts.login().plus(writeTimeout)))
                .filter(ClientActivity.Overdue.LOGIN::equals).isPresent()) {
            LOG.info("{} has not logged in, and does not take that it is too late: disconnected", socket.peer());
            socket.close();
        }
    }

    private static void dismiss(ClientSocket socket, ClientSession session, Dismissal why) {
        LOG.debug("{}: {}", socket.peer(), why.text());
        session.dismiss(why);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
