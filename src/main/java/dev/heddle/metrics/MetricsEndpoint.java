package dev.heddle.metrics;

import dev.heddle.run.CommandObserver;
import dev.heddle.server.HeddleServer;
import dev.heddle.server.UnsafeStartException;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/**
 * A small HTTP server beside the real one: {@code /metrics} for Prometheus, {@code /healthz} while the process lives,
 * {@code /readyz} while it takes commands. It has no passwords: its clients see how much is run here, but never what or
 * for whom. The caller that started it closes it, after the server has stopped.
 */
public final class MetricsEndpoint implements Closeable {
    private static final int BACKLOG = 16;
    private static final int MAX_CONNECTIONS = 32;
    private static final int IDLE_SECONDS = 10;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final CommandDurations durations = new CommandDurations(registry);
    private final HttpServer http;
    private final ExecutorService executor;

    /**
     * Binds the address; requests are answered from {@link #serve} on.
     *
     * @param anywhere whether an address that is not a loopback address is accepted
     * @throws UnsafeStartException when strangers could see the figures
     * @throws IOException when the address cannot be used
     */
    public MetricsEndpoint(InetSocketAddress address, boolean anywhere) throws IOException, UnsafeStartException {
        if (address.isUnresolved()) {
            throw new IOException("--metrics: unknown host " + address.getHostString());
        }
        if (!anywhere && !address.getAddress().isLoopbackAddress()) {
            throw new UnsafeStartException("--metrics asks nobody for a password: listen on a loopback address, or"
                    + " give --metrics-anywhere if everybody who reaches " + address.getHostString()
                    + " may see the figures");
        }
        boundSlowRequests();
        try {
            http = HttpServer.create(address, BACKLOG);
        } catch (IOException e) {
            throw new IOException("cannot listen on " + address.getHostString() + ":" + address.getPort()
                    + " for metrics: " + e.getMessage(), e);
        }
        executor = new ThreadPoolExecutor(0, 2 * MAX_CONNECTIONS, IDLE_SECONDS, TimeUnit.SECONDS,
                new SynchronousQueue<>(), Thread.ofPlatform().daemon().name("metrics-", 0).factory());
        http.setExecutor(executor);
    }

    /** Sets the limits of the JDK's server, which has none by default and reads them when its classes are loaded. */
    private static void boundSlowRequests() {
        setDefault("sun.net.httpserver.maxReqTime", "10"); // seconds
        setDefault("sun.net.httpserver.maxRspTime", "10");
        setDefault("jdk.httpserver.maxConnections", Integer.toString(MAX_CONNECTIONS));
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** Returns the observer that is to be told of the server's commands. */
    public CommandObserver observer() {
        return durations;
    }

    /** Shows the figures of this server from now on. */
    public void serve(HeddleServer server) {
        ServerFigures.register(server, registry);
        http.createContext("/metrics", new MetricsHandler(registry));
        http.createContext("/healthz", exchange -> answer(exchange, () -> true));
        http.createContext("/readyz", exchange -> answer(exchange, server::isReady));
        http.start();
    }

    private static void answer(HttpExchange exchange, BooleanSupplier good) throws IOException {
        try (exchange) {
            boolean yes = good.getAsBoolean();
            byte[] body = (yes ? "ok\n" : "stopping\n").getBytes(StandardCharsets.US_ASCII);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(yes ? 200 : 503, head ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    /** Returns the address in use, with the port that the system chose. */
    public InetSocketAddress address() {
        return http.getAddress();
    }

    @Override
    public void close() {
        http.stop(0);
        executor.shutdownNow();
    }
}
