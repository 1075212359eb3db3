package dev.heddle.server;

import dev.heddle.exec.CommandRunner;
import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.Protocol;
import dev.heddle.net.StallWatch;
import dev.heddle.server.resp.RespProtocol;
import dev.heddle.server.resp.RespSettings;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server: its listeners, and one thread for each client. Whoever started it stops it, once, from any
 * thread.
 */
public final class HeddleServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HeddleServer.class);
    private static final int BACKLOG = 1024;
    /** What aborted sessions need beyond the grace that their commands get between TERM and KILL. */
    private static final Duration ABORT_MARGIN = Duration.ofSeconds(3);

    /** How a stop went: every client was served to its end, or some had to be cut off. */
    public enum Stop { GRACEFUL, FORCED }

    private final ServerConfig config;
    private final ThreadFactory threads;
    private final CommandRunner runner;
    private final Protocol resp;
    private final StallWatch stallWatch;
    private final Semaphore places;
    private final List<Listener> listeners = new ArrayList<>(); // filled before the first thread starts
    private final Set<ClientSession> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicLong clientCount = new AtomicLong();
    private volatile boolean stopping;

    private HeddleServer(ServerConfig config) {
        this.config = config;
        ServerConfig.Limits limits = config.limits();
        threads = config.threads().factory();
        runner = new CommandRunner(config.engine(), threads, limits.exec());
        resp = new RespProtocol(runner, threads, new RespSettings(config.password(), limits.maxRequestBytes(),
                limits.hangupGrace(), limits.maxConnections(), config.threads().name().toLowerCase(Locale.ROOT), Version.text()));
        places = new Semaphore(limits.maxConnections());
        stallWatch = new StallWatch(limits.writeTimeout());
    }

    /**
     * Binds all addresses and starts to accept clients.
     *
     * @throws UnsafeStartException when strangers could run commands
     * @throws IOException when an address cannot be used; nothing is left open then
     */
    public static HeddleServer start(ServerConfig config) throws IOException, UnsafeStartException {
        HeddleServer server = new HeddleServer(config);
        try {
            for (ListenAddress address : config.listen()) {
                server.bind(address);
            }
        } catch (IOException | UnsafeStartException e) {
            server.listeners.forEach(Listener::close);
            server.stallWatch.close();
            throw e;
        }
        for (Listener listener : server.listeners) {
            server.threads.newThread(listener::acceptClients).start();
        }
        return server;
    }

    private void bind(ListenAddress address) throws IOException, UnsafeStartException {
        InetSocketAddress resolved = address.resolve();
        requireSafe(address, resolved);
        ServerSocket socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(resolved, BACKLOG);
        } catch (IOException e) {
            socket.close();
            throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
        }
        Protocol protocol = switch (address.scheme()) {
            case RESP -> resp;
        };
        listeners.add(new Listener(address, socket, protocol, places, config.limits().connectionWait(),
                this::admit));
    }

    private void requireSafe(ListenAddress address, InetSocketAddress resolved) throws UnsafeStartException {
        if (resolved.getAddress().isLoopbackAddress()) {
            return;
        }
        if (config.password().isEmpty()) {
            throw new UnsafeStartException("--no-auth is for loopback addresses only: with " + address
                    + " everybody on the network could run commands; set HEDDLE_PASSWORD instead");
        }
        if (!config.allowPlaintext()) {
            throw new UnsafeStartException("the password would cross the network unencrypted on " + address
                    + "; listen on a loopback address, or give --allow-plaintext if the network is trusted");
        }
    }

    /** Runs on the accept loop's thread; the rest of the client's life is on its own. */
    private void admit(ClientSocket socket, ClientSession session) {
        String name = "client-" + clientCount.incrementAndGet();
        stallWatch.add(socket);
        sessions.add(session);
        try {
            threads.newThread(() -> serve(name, socket, session)).start();
        } catch (OutOfMemoryError e) {
            forget(socket, session);
            throw e;
        }
        if (stopping) {
            session.finish(); // it came in while the stop went through the others
        }
    }

    private void serve(String name, ClientSocket socket, ClientSession session) {
        Thread.currentThread().setName(name);
        try (socket) {
            session.run();
        } catch (RuntimeException | Error e) {
            LOG.error("{} ({}) failed", name, socket.peer(), e);
        } finally {
            forget(socket, session);
            places.release();
        }
    }

    private void forget(ClientSocket socket, ClientSession session) {
        sessions.remove(session);
        stallWatch.remove(socket);
    }

    /** The addresses in use, with the ports that the system chose, in the order of the configuration. */
    public List<ListenAddress> addresses() {
        return listeners.stream().map(Listener::address).toList();
    }

    /** The limits in force for commands, the engine's own ceiling included. */
    public CommandRunner runner() {
        return runner;
    }

    /**
     * Stops: accepts nobody any more, disconnects idle clients, gives running commands the drain time and ends
     * those that are left. Returns as soon as the last client is gone.
     */
    public Stop stop(Duration drainTime) throws InterruptedException {
        listeners.forEach(Listener::close);
        stopping = true;
        sessions.forEach(ClientSession::finish);
        try {
            if (awaitNoClients(drainTime)) {
                return Stop.GRACEFUL;
            }
            sessions.forEach(ClientSession::abort);
            Duration bound = runner.limits().killGrace().multipliedBy(2).plus(ABORT_MARGIN);
            if (!awaitNoClients(bound)) {
                LOG.error("{} clients could not be ended within {} ms", sessions.size(), bound.toMillis());
            }
            return Stop.FORCED;
        } finally {
            stallWatch.close();
        }
    }

    /** Every client and every accept loop holds a place: when all can be had, nobody is left. */
    private boolean awaitNoClients(Duration bound) throws InterruptedException {
        int all = config.limits().maxConnections();
        if (!places.tryAcquire(all, bound.toNanos(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        places.release(all);
        return true;
    }

    /** Stops at once. */
    @Override
    public void close() {
        try {
            stop(Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
