package dev.heddle.server;

import dev.heddle.access.LoginCounts;
import dev.heddle.face.ready.ReadyProtocol;
import dev.heddle.face.resp.RespProtocol;
import dev.heddle.face.resp.RespSettings;
import dev.heddle.face.upper.UpperProtocol;
import dev.heddle.job.Jobs;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.net.ClientRegistry;
import dev.heddle.net.ConnectionLimits;
import dev.heddle.net.Face;
import dev.heddle.net.Protocol;
import dev.heddle.net.SocketFaces;
import dev.heddle.process.OpenFiles;
import dev.heddle.run.CommandRunner;
import dev.heddle.server.ListenAddress.FaceName;
import dev.heddle.service.CommandService;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/**
 * A running server: wires its faces to what runs the commands.
 *
 * <p><b>Threading:</b> its owner stops it, once, from any thread.
 */
public final class HeddleServer implements AutoCloseable {
    private final ServerConfig config;
    private final ThreadFactory threads;
    private final DescriptorPlan plan;
    private final CommandService service;
    private final LoginCounts loginCounts = new LoginCounts();
    private final ClientRegistry clients;
    private final List<ListenAddress> addresses = new ArrayList<>(); // complete before the first thread starts
    private final List<Face> faces;
    private final Shutdown shutdown;

    /** Binds all addresses; {@link #start} then begins to accept clients. */
    private HeddleServer(ServerConfig config, Observers observers) throws IOException, UnsafeStartException {
        this.config = config;
        ServerConfig.Limits limits = config.limits();
        ConnectionLimits connections = limits.connections();
        threads = config.threads().factory();
        plan = DescriptorPlan.of(OpenFiles.limit(), OpenFiles.count() + config.listen().size(),
                new DescriptorPlan.Wanted(connections.max(),
                        Math.min(limits.exec().maxRunning(), config.engine().maxProcesses()),
                        config.engine()::descriptors));
        CommandRunner runner = new CommandRunner(config.engine(), threads,
                limits.exec().withMaxRunning(plan.commands()), observers.commands(),
                new MemoryBudget(limits.exec().budgetBytes(), config.security().access()::isAlone));
        service = new CommandService(runner, new Jobs(runner, threads, limits.jobs()));
        clients = new ClientRegistry(threads, connections.withMax(plan.clients()), plan.waiting());
        faces = List.of(socketFaces(protocols(observers)));
        shutdown = new Shutdown(service, faces);
    }

    private Map<FaceName, Protocol> protocols(Observers observers) {
        ServerConfig.Limits limits = config.limits();
        Duration hangupGrace = limits.connections().hangupGrace();
        Map<FaceName, Protocol> protocols = new EnumMap<>(FaceName.class);
        protocols.put(FaceName.RESP, new RespProtocol(service, threads, new RespSettings(
                config.security().access(), limits.maxRequestBytes(), hangupGrace,
                plan.clients(), config.threads().name().toLowerCase(Locale.ROOT), Version.text()),
                clients, loginCounts, observers.loginsAnd(loginCounts)));
        protocols.put(FaceName.READY, new ReadyProtocol(service, threads, new ReadyProtocol.Settings(
                config.ancestors().readyTimeout(), limits.connections().writeTimeout(), hangupGrace)));
        protocols.put(FaceName.UPPER, new UpperProtocol(config.ancestors().upperGreeting()));
        return protocols;
    }

    private Face socketFaces(Map<FaceName, Protocol> protocols) throws IOException, UnsafeStartException {
        SocketFaces sockets = new SocketFaces(threads, clients, config.limits().connections().writeTimeout(),
                config.limits().timeouts());
        try {
            for (ListenAddress address : config.listen()) {
                Listening listening = Listening.on(address, config);
                addresses.add(listening.address());
                sockets.listen(listening.address().toString(), listening.socket(), protocols.get(address.face()));
            }
            return sockets;
        } catch (IOException | UnsafeStartException e) {
            sockets.close();
            throw e;
        }
    }

    /** Starts a server without observers. */
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
        server.faces.forEach(Face::open);
        return server;
    }

    /** The addresses in use, with the ports that the system chose, in the order of the configuration. */
    public List<ListenAddress> addresses() {
        return List.copyOf(addresses);
    }

    /** The door to the commands, with the limits in force and the counts. */
    public CommandService service() {
        return service;
    }

    /** Which limits are lower than configured, because of the limit of open files, and why. Empty when none is. */
    public Optional<String> loweredLimits() {
        return plan.lowered();
    }

    public ClientRegistry clients() {
        return clients;
    }

    public LoginCounts loginCounts() {
        return loginCounts;
    }

    /** Whether new commands are taken, which ends with the stop. */
    public boolean isReady() {
        return !shutdown.hasBegun();
    }

    /**
     * Stops the server: refuses new clients and commands, disconnects idle clients, gives running commands the drain
     * time and ends those that are left. Blocks, and returns as soon as the last client is gone.
     *
     * @param drainTime from zero on
     * @throws InterruptedException when the waiting thread is interrupted; new clients are still refused, but what runs
     *         goes on until {@link #force}
     */
    public StopReport stop(Duration drainTime) throws InterruptedException {
        shutdown.begin();
        try {
            return shutdown.complete(drainTime);
        } finally {
            faces.forEach(Face::close);
        }
    }

    /**
     * Ends what runs at once instead of at the end of the drain time, for a stop under way. Blocks until all has ended;
     * a second call waits for the first.
     *
     * @throws InterruptedException when the waiting thread is interrupted, before everything has ended
     */
    public void force() throws InterruptedException {
        shutdown.force();
    }

    /**
     * Stops the server at once, unless it was stopped before. Blocks until the last client is gone, or the thread is
     * interrupted, whose interrupt status is then set.
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
