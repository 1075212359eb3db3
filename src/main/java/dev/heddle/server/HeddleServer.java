package dev.heddle.server;

import dev.heddle.access.LoginCounts;
import dev.heddle.face.ready.ReadyProtocol;
import dev.heddle.face.resp.RespProtocol;
import dev.heddle.face.resp.RespSettings;
import dev.heddle.face.upper.UpperProtocol;
import dev.heddle.job.Jobs;
import dev.heddle.net.ClientCounts;
import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.ClientWatch;
import dev.heddle.net.DeniedException;
import dev.heddle.net.Protocol;
import dev.heddle.net.RareWarning;
import dev.heddle.process.OpenFiles;
import dev.heddle.run.CommandRunner;
import dev.heddle.service.CommandService;
import dev.heddle.run.MemoryBudget;
import dev.heddle.server.ListenAddress.Scheme;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server: its listeners, and one thread for each client. Whoever started it stops it, once, from any
 * thread.
 */
public final class HeddleServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HeddleServer.class);
    private static final RareWarning DENIED = new RareWarning(LOG);

    private final ServerConfig config;
    private final ThreadFactory threads;
    private final DescriptorPlan plan;
    private final CommandService service;
    private final Map<Scheme, Protocol> protocols = new EnumMap<>(Scheme.class); // filled by the constructor
    private final ClientWatch clientWatch;
    private final ClientCounts clientCounts = new ClientCounts();
    private final LoginCounts loginCounts = new LoginCounts();
    private final Places places;
    private final AddressPlaces addressPlaces;
    private final List<Listener> listeners = new ArrayList<>(); // filled before the first thread starts
    private final Set<ClientSession> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicLong clientCount = new AtomicLong();
    private final Shutdown shutdown;

    private HeddleServer(ServerConfig config, Observers observers) {
        this.config = config;
        ServerConfig.Limits limits = config.limits();
        threads = config.threads().factory();
        plan = DescriptorPlan.of(OpenFiles.limit(), OpenFiles.count() + config.listen().size(),
                new DescriptorPlan.Wanted(limits.maxConnections(),
                        Math.min(limits.exec().maxRunning(), config.engine().maxProcesses()),
                        config.engine()::descriptors));
        CommandRunner runner = new CommandRunner(config.engine(), threads, limits.exec().withMaxRunning(plan.commands()),
                observers.commands(),
                new MemoryBudget(limits.exec().budgetBytes(), config.security().access()::isAlone));
        service = new CommandService(runner, new Jobs(runner, threads, limits.jobs()));
        Protocol resp = new RespProtocol(service, threads, new RespSettings(
                config.security().access(), limits.maxRequestBytes(), limits.hangupGrace(),
                plan.clients(), config.threads().name().toLowerCase(Locale.ROOT), Version.text()),
                clientCounts, loginCounts, observers.loginsAnd(loginCounts));
        List.of(Scheme.RESP, Scheme.RESPS, Scheme.RESP_UNIX).forEach(scheme -> protocols.put(scheme, resp));
        protocols.put(Scheme.READY, new ReadyProtocol(service, threads, new ReadyProtocol.Settings(
                limits.readyTimeout(), limits.writeTimeout(), limits.hangupGrace())));
        protocols.put(Scheme.UPPER, new UpperProtocol(config.upperGreeting()));
        places = new Places(plan.clients(), plan.waiting(), limits.connectionWait(), config.listen().size());
        addressPlaces = new AddressPlaces(limits.maxPerAddress());
        shutdown = new Shutdown(service, sessions, places);
        clientWatch = new ClientWatch(limits.writeTimeout(), limits.patience());
    }

    /** Starts a server that nobody observes, see {@link #start(ServerConfig, Observers)}. */
    public static HeddleServer start(ServerConfig config) throws IOException, UnsafeStartException {
        return start(config, Observers.NONE);
    }

    /**
     * Binds all addresses and starts to accept clients. May block while the system looks up host names.
     *
     * @throws UnsafeStartException when strangers could run commands
     * @throws IOException when an address cannot be used; nothing is left open then
     */
    public static HeddleServer start(ServerConfig config, Observers observers)
            throws IOException, UnsafeStartException {
        StartRules.requireSafe(config);
        HeddleServer server = new HeddleServer(config, observers);
        try {
            for (ListenAddress address : config.listen()) {
                server.bind(address);
            }
        } catch (IOException | UnsafeStartException e) {
            server.listeners.forEach(Listener::close);
            server.clientWatch.close();
            throw e;
        }
        for (Listener listener : server.listeners) {
            server.threads.newThread(listener::acceptClients).start();
        }
        server.threads.newThread(server.places::serveLine).start();
        return server;
    }

    private void bind(ListenAddress address) throws IOException, UnsafeStartException {
        listeners.add(new Listener(open(address), protocols.get(address.scheme()), places,
                this::admit, clientCounts));
    }

    private Door open(ListenAddress address) throws IOException, UnsafeStartException {
        ServerConfig.Transports transports = config.transports();
        if (address.file().isPresent()) {
            return UnixDoor.open(address.file().get(), transports.localUsers(), transports.handshakeTime());
        }
        InetSocketAddress resolved = address.resolve();
        StartRules.requireSafe(address, resolved, config.security());
        return TcpDoor.open(address, resolved,
                address.scheme() == Scheme.RESPS ? transports.tls() : Optional.empty(), transports.handshakeTime());
    }

    /** Runs on the thread of an accept loop or of the waiting line; the rest of the client's life is on its own. */
    private void admit(ClientSocket socket, ClientSession session) {
        String name = "client-" + clientCount.incrementAndGet();
        clientCounts.accept();
        clientWatch.add(socket, session);
        sessions.add(session);
        try {
            threads.newThread(() -> serve(name, socket, session)).start();
        } catch (OutOfMemoryError e) {
            forget(socket, session);
            throw e;
        }
        shutdown.meets(session); // it may have come in while the stop went through the others
    }

    private void serve(String name, ClientSocket socket, ClientSession session) {
        Thread.currentThread().setName(name);
        boolean entered = addressPlaces.enter(socket.peer());
        try (socket) {
            if (establish(socket)) {
                if (!entered) {
                    clientCounts.refuse();
                    session.expire("BUSY too many clients of this address are connected");
                }
                session.run();
            }
        } catch (RuntimeException | Error e) {
            LOG.error("{} ({}) failed", name, socket.peer(), e);
        } finally {
            if (entered) {
                addressPlaces.leave(socket.peer());
            }
            forget(socket, session);
            places.giveBack();
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

    private void forget(ClientSocket socket, ClientSession session) {
        sessions.remove(session);
        clientWatch.remove(socket);
        clientCounts.end();
    }

    /** The addresses in use, with the ports that the system chose, in the order of the configuration. */
    public List<ListenAddress> addresses() {
        return listeners.stream().map(Listener::address).toList();
    }

    /** The door to the commands, with the limits in force and the counts. */
    public CommandService service() {
        return service;
    }

    /**
     * Which of the configured limits are lower in force, because the limit of open files does not allow for them, and
     * why. Empty when none is.
     */
    public Optional<String> loweredLimits() {
        return plan.lowered();
    }

    Places places() {
        return places;
    }

    /** The clients of all listeners. */
    public ClientCounts clientCounts() {
        return clientCounts;
    }

    /** Logins, and attempts that have failed. */
    public LoginCounts loginCounts() {
        return loginCounts;
    }

    /** Whether new commands are taken: not any more once it stops. */
    public boolean isReady() {
        return !shutdown.hasBegun();
    }

    /**
     * Stops: accepts nobody and no new command any more, disconnects idle clients, gives running commands the
     * drain time and ends those that are left. Blocks, and returns as soon as the last client is gone.
     *
     * @param drainTime from zero on
     * @throws InterruptedException when the waiting thread is interrupted; nobody new is let in, but what still runs
     *         goes on until {@link #force}
     */
    public StopReport stop(Duration drainTime) throws InterruptedException {
        shutdown.begin();
        listeners.forEach(Listener::close);
        places.close();
        try {
            return shutdown.complete(drainTime);
        } finally {
            clientWatch.close();
        }
    }

    /**
     * Ends what runs now instead of at the end of the drain time, for a stop under way; that returns when all
     * is ended. Blocks until then; a second call waits for the first.
     *
     * @throws InterruptedException when the waiting thread is interrupted; not everything has ended then
     */
    public void force() throws InterruptedException {
        shutdown.force();
    }

    /**
     * Stops at once, unless the server was stopped before. Blocks until the last client is gone, or the thread is
     * interrupted, whose interrupt status is set then.
     */
    @Override
    public void close() {
        try {
            if (!shutdown.hasBegun()) {
                stop(Duration.ZERO);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
