package dev.heddle.cli.serve;

import dev.heddle.audit.AuditLog;
import dev.heddle.metrics.MetricsEndpoint;
import dev.heddle.server.HeddleServer;
import dev.heddle.server.Observers;
import dev.heddle.server.UnsafeStartException;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

import picocli.CommandLine.Option;

/**
 * The options for the observers of {@code heddle serve}: an audit log and metrics. Their classes are loaded only when
 * they are asked for. Therefore there are no method references here, whose linking would load them, and no methods that
 * name them, which picocli's reflection would find.
 */
final class WatchOptions {
    @Option(names = "--audit-log", paramLabel = "FILE",
            description = "Append a line of JSON for each login and each command; SIGHUP opens the file again.")
    private Path auditLog;

    @Option(names = "--metrics", paramLabel = "HOST:PORT",
            description = "Serve /metrics for Prometheus, /healthz and /readyz over HTTP.")
    private String metrics;

    @Option(names = "--metrics-anywhere", arity = "0..1", fallbackValue = "true", defaultValue = "false",
            paramLabel = "BOOL", description = "Let --metrics listen on an address that others can reach.")
    private boolean metricsAnywhere;

    /** The open observers. They are closed once the server has stopped, because both report until then. */
    record Watchers(Optional<AuditLog> audit, Optional<MetricsEndpoint> metrics) implements AutoCloseable {
        Observers observers() {
            Observers observers = Observers.NONE;
            if (audit.isPresent()) {
                observers = observers.withCommands(audit.get()).withLogins(audit.get());
            }
            return metrics.isPresent() ? observers.withCommands(metrics.get().observer()) : observers;
        }

        void watch(HeddleServer server) {
            if (metrics.isPresent()) {
                metrics.get().serve(server);
            }
        }

        void reopen() {
            if (audit.isPresent()) {
                audit.get().reopen();
            }
        }

        @Override
        public void close() {
            if (metrics.isPresent()) {
                metrics.get().close();
            }
            if (audit.isPresent()) {
                audit.get().close();
            }
        }
    }

    /** Opens what is asked for. When a file or an address cannot be used, nothing is left open. */
    Watchers open() throws IOException, UnsafeStartException {
        Optional<MetricsEndpoint> endpoint = metrics == null ? Optional.empty()
                : Optional.of(new MetricsEndpoint(address(), metricsAnywhere));
        try {
            return new Watchers(openAuditLog(), endpoint);
        } catch (IOException e) {
            if (endpoint.isPresent()) {
                endpoint.get().close();
            }
            throw e;
        }
    }

    private Optional<AuditLog> openAuditLog() throws IOException {
        try {
            return auditLog == null ? Optional.empty() : Optional.of(new AuditLog(auditLog));
        } catch (IOException e) {
            throw new IOException("cannot write the audit log " + auditLog + ": " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "there is no such directory";
            case AccessDeniedException denied -> "permission denied";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> e.getMessage();
        };
    }

    private InetSocketAddress address() {
        try {
            URI uri = new URI("http://" + metrics);
            String host = uri.getHost();
            int port = uri.getPort();
            if (metrics.equals(uri.getRawAuthority()) && host != null && port >= 0 && port <= 65_535) {
                return new InetSocketAddress(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port);
            }
        } catch (URISyntaxException e) {
            // said below
        }
        throw new IllegalArgumentException("--metrics needs a host and a port, as in 127.0.0.1:9464, not '" + metrics
                + "'");
    }
}
