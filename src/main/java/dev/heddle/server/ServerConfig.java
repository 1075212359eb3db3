package dev.heddle.server;

import dev.heddle.access.Access;
import dev.heddle.job.JobLimits;
import dev.heddle.net.ClientTimeouts;
import dev.heddle.net.ConnectionLimits;
import dev.heddle.process.ProcessEngine;
import dev.heddle.run.RunLimits;
import dev.heddle.tls.ServerTls;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything that a server is told at its start.
 *
 * @param listen     where to accept clients; at least one address
 * @param engine     starts the processes; the server does not close it
 * @param transports what TLS and Unix-domain sockets need
 * @param ancestors  what the faces {@code ready} and {@code upper} need
 */
public record ServerConfig(List<ListenAddress> listen, ThreadMode threads, ProcessEngine engine,
                           Security security, Limits limits, Transports transports, Ancestors ancestors) {
    public ServerConfig {
        listen = List.copyOf(listen);
        Stream.of(threads, engine, security, limits, transports, ancestors).forEach(Objects::requireNonNull);
        if (listen.isEmpty()) {
            throw new IllegalArgumentException("nothing to listen on");
        }
    }

    /** Makes the configuration of a server without TLS, whose Unix-domain sockets are for its own user. */
    public ServerConfig(List<ListenAddress> listen, ThreadMode threads, ProcessEngine engine, Security security,
                        Limits limits) {
        this(listen, threads, engine, security, limits, Transports.PLAIN, Ancestors.DEFAULT);
    }

    public ServerConfig with(Transports newTransports) {
        return new ServerConfig(listen, threads, engine, security, limits, newTransports, ancestors);
    }

    public ServerConfig with(Ancestors newAncestors) {
        return new ServerConfig(listen, threads, engine, security, limits, transports, newAncestors);
    }

    /**
     * What transports other than TCP need.
     *
     * @param tls           for resps://; empty when there is no certificate
     * @param handshakeTime how long a client may take for the TLS handshake, and to leave when it is not let in
     * @param localUsers    who may use Unix-domain sockets, besides the server's own user and root
     */
    public record Transports(Optional<ServerTls> tls, Duration handshakeTime, List<String> localUsers) {
        public static final Transports PLAIN = new Transports(Optional.empty(), Duration.ofSeconds(10), List.of());

        public Transports {
            localUsers = List.copyOf(localUsers);
        }

        public Transports withTls(ServerTls newTls) {
            return new Transports(Optional.of(newTls), handshakeTime, localUsers);
        }

        public Transports withHandshakeTime(Duration time) {
            return new Transports(tls, time, localUsers);
        }

        public Transports withLocalUsers(List<String> names) {
            return new Transports(tls, handshakeTime, names);
        }
    }

    /**
     * Who may run commands.
     *
     * @param access          the users, and what they may do; open to everybody on loopback addresses only
     * @param allowPlaintext  whether data may cross a network unencrypted
     * @param trustLocalUsers whether everybody on this machine may run commands over ready://
     */
    public record Security(Access access, boolean allowPlaintext, boolean trustLocalUsers) {
        public Security {
            Objects.requireNonNull(access);
        }

        /** Makes the rules for one user with this password, or for everybody without authentication. */
        public Security(Optional<String> password, boolean allowPlaintext, boolean trustLocalUsers) {
            this(password.map(Access::single).orElseGet(Access::open), allowPlaintext, trustLocalUsers);
        }
    }

    /**
     * The settings of the faces that have no other place for them.
     *
     * @param readyTimeout  after which a command that came over ready:// is ended
     * @param upperGreeting sent to each client of upper://; empty for none
     */
    public record Ancestors(Duration readyTimeout, String upperGreeting) {
        public static final Ancestors DEFAULT = new Ancestors(Duration.ofMinutes(10), "");

        public Ancestors {
            Objects.requireNonNull(readyTimeout);
            Objects.requireNonNull(upperGreeting);
        }

        public Ancestors withReadyTimeout(Duration timeout) {
            return new Ancestors(timeout, upperGreeting);
        }

        public Ancestors withUpperGreeting(String greeting) {
            return new Ancestors(readyTimeout, greeting);
        }
    }

    /**
     * The limits of clients, and those of their commands.
     *
     * @param maxRequestBytes of one request, all its words together
     * @param jobs            of what is remembered after its end
     */
    public record Limits(ConnectionLimits connections, ClientTimeouts timeouts, int maxRequestBytes, RunLimits exec,
                         JobLimits jobs) {
        public static Limits defaults() {
            return new Limits(ConnectionLimits.DEFAULT, ClientTimeouts.DEFAULT, 64 << 20, RunLimits.defaults(),
                    JobLimits.DEFAULT);
        }

        public Limits with(ConnectionLimits limits) {
            return new Limits(limits, timeouts, maxRequestBytes, exec, jobs);
        }

        public Limits with(ClientTimeouts newTimeouts) {
            return new Limits(connections, newTimeouts, maxRequestBytes, exec, jobs);
        }

        public Limits withExec(RunLimits limits) {
            return new Limits(connections, timeouts, maxRequestBytes, limits, jobs);
        }

        public Limits withJobs(JobLimits limits) {
            return new Limits(connections, timeouts, maxRequestBytes, exec, limits);
        }
    }
}
