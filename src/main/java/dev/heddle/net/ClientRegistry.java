package dev.heddle.net;

import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connected clients of a server: gives each its thread and its number, and holds its connection permits for as long
 * as the thread runs. The number tells a client from all others of the server, on whatever face: in the names of its
 * threads, in logs, and as its ID in {@code CLIENT LIST}.
 *
 * <p><b>Threading:</b> any thread may use it.
 */
public final class ClientRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(ClientRegistry.class);
    private static final RareWarning DENIED = new RareWarning(LOG);

    /** A client that has a connection permit. */
    record Client(long number, ClientSocket socket, ClientSession session) {}

    private final ThreadFactory threads;
    private final ConnectionPermits permits;
    private final AddressPermits addressPermits;
    private final AtomicLong lastNumber = new AtomicLong();
    private final Map<Long, Client> clients = new ConcurrentSkipListMap<>(); // by number
    private final LongAdder accepted = new LongAdder();
    private final LongAdder ended = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile Optional<StopStep> stopStep = Optional.empty(); // the thread that stops the server sets it

    /** @param maxWaiting clients that may wait for a permit at the same time */
    public ClientRegistry(ThreadFactory threads, ConnectionLimits limits, int maxWaiting) {
        this.threads = threads;
        permits = new ConnectionPermits(limits.max(), maxWaiting, limits.permitWait());
        addressPermits = new AddressPermits(limits.maxPerAddress());
    }

    ConnectionPermits permits() {
        return permits;
    }

    /**
     * Starts the thread of a client. From then on the thread holds the permit; if there is no thread, the caller still
     * does.
     *
     * @throws OutOfMemoryError when the system gives no thread
     */
    void start(ClientSocket socket, Protocol protocol, ConnectionPermits.Permit permit) {
        long number = lastNumber.incrementAndGet();
        Client client = new Client(number, socket, protocol.open(number, socket));
        accepted.increment();
        clients.put(number, client);
        try {
            threads.newThread(() -> serve(client, permit)).start();
        } catch (OutOfMemoryError e) {
            remove(client);
            throw e;
        }
        stopStep.ifPresent(client.session()::end); // it may have come in while the stop went through the others
    }

    private void serve(Client client, ConnectionPermits.Permit permit) {
        ClientSocket socket = client.socket();
        Thread.currentThread().setName("client-" + client.number());
        try (permit) {
            boolean entered = addressPermits.tryTake(socket.peer());
            try (socket) {
                if (establish(socket)) {
                    if (!entered) {
                        refused.increment();
                        client.session().dismiss(Dismissal.ADDRESS_FULL);
                    }
                    client.session().run();
                }
            } finally {
                if (entered) {
                    addressPermits.giveBack(socket.peer());
                }
                remove(client);
            }
        } catch (IOException e) {
            LOG.debug("{} has gone: {}", socket.peer(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the thread ends here anyway
        } catch (RuntimeException | Error e) {
            LOG.error("client-{} ({}) failed", client.number(), socket.peer(), e);
        }
    }

    private static boolean establish(ClientSocket socket) {
        try {
            socket.establish();
            return true;
        } catch (DeniedException e) {
            DENIED.give(socket.local(), e.getMessage());
            return false;
        } catch (IOException e) {
            if (!socket.isClosed()) {
                LOG.info("{} was not let in: {}", socket.peer(), e.getMessage());
            }
            return false;
        }
    }

    private void remove(Client client) {
        clients.remove(client.number());
        ended.increment();
    }

    /** Counts a client that is told that there is no permit for it. */
    void refuse() {
        refused.increment();
    }

    /** Does this to all clients, and to those that come in later. */
    void end(StopStep step) {
        stopStep = Optional.of(step);
        clients.values().forEach(client -> client.session().end(step));
    }

    /** A view of the clients that are connected at each moment, by number. */
    Collection<Client> all() {
        return Collections.unmodifiableCollection(clients.values());
    }

    /** The sessions of this type whose clients are connected and established, oldest first. */
    public <S extends ClientSession> Stream<S> sessions(Class<S> type) {
        return clients.values().stream().filter(client -> client.socket().isEstablished())
                .map(Client::session).filter(type::isInstance).map(type::cast);
    }

    /** Counts the clients that are connected now. */
    public long connected() {
        return Math.max(0, accepted.sum() - ended.sum());
    }

    /** Counts the clients that have got a permit since the start. */
    public long accepted() {
        return accepted.sum();
    }

    /** Counts the clients that were refused since the start. */
    public long refused() {
        return refused.sum();
    }

    /** Counts the clients that wait for a permit. */
    public int waiting() {
        return permits.waiting();
    }
}
