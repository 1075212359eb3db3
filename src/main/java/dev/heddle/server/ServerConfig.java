package dev.heddle.server;

import dev.heddle.access.Access;
import dev.heddle.job.JobLimits;
import dev.heddle.net.ClientTimeouts;
import dev.heddle.process.ProcessEngine;
import dev.heddle.run.RunLimits;
import dev.heddle.tls.ServerTls;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything that a server is told at its start.
 *
 * @param listen        where to accept clients; at least one address
 * @param threads       what clients and commands run on
 * @param engine        starts the processes; the server does not close it
 * @param security      who may do what
 * @param upperGreeting sent to clients of upper://; empty for none
 * @param limits        of clients and commands
 * @param transports    what TLS and Unix-domain sockets need
 */
public record ServerConfig(List<ListenAddress> listen, ThreadMode threads, ProcessEngine engine,
                           Security security, String upperGreeting, Limits limits, Transports transports) {
    public ServerConfig {
        listen = List.copyOf(listen);
        Objects.requireNonNull(threads);
        Objects.requireNonNull(engine);
        Objects.requireNonNull(security);
        Objects.requireNonNull(upperGreeting);
        Objects.requireNonNull(limits);
        Objects.requireNonNull(transports);
        if (listen.isEmpty()) {
            throw new IllegalArgumentException("nothing to listen on");
        }
    }

    /** A server without TLS, whose Unix-domain sockets are for its own user. */
    public ServerConfig(List<ListenAddress> listen, ThreadMode threads, ProcessEngine engine, Security security,
                        String upperGreeting, Limits limits) {
        this(listen, threads, engine, security, upperGreeting, limits, Transports.PLAIN);
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
     * @param allowPlaintext  whether things may cross a network unencrypted
     * @param trustLocalUsers whether everybody on this machine may run commands over ready://
     */
    public record Security(Access access, boolean allowPlaintext, boolean trustLocalUsers) {
        public Security {
            Objects.requireNonNull(access);
        }

        /** One user with this password, or none and no authentication. */
        public Security(Optional<String> password, boolean allowPlaintext, boolean trustLocalUsers) {
            this(password.map(Access::single).orElseGet(Access::open), allowPlaintext, trustLocalUsers);
        }
    }

    /**
     * The limits of clients, and those of their commands.
     *
     * @param maxConnections  clients at the same time, all listeners together
     * @param connectionWait  how long a new client waits for a place before it is refused
     * @param hangupGrace     how long a command may go on once its client has closed its side
     * @param writeTimeout    how long a client may leave a reply unread
     * @param maxRequestBytes of one request, all its words together
     * @param readyTimeout    of a command that came over ready://, which cannot ask for one
     * @param exec            of the commands
     * @param jobs            of what is remembered after its end
     * @param patience        with clients that send nothing, or slowly
     * @param maxPerAddress   clients of one address at the same time; 0 for no bound but {@code maxConnections}
     */
    public record Limits(int maxConnections, Duration connectionWait, Duration hangupGrace,
                         Duration writeTimeout, int maxRequestBytes, Duration readyTimeout, RunLimits exec,
                         JobLimits jobs, ClientTimeouts patience, int maxPerAddress) {
        /** The limits of a server that was told nothing. */
        public static Limits defaults() {
            return new Limits(10_000, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(30),
                    64 << 20, Duration.ofMinutes(10), RunLimits.defaults(), JobLimits.DEFAULT, ClientTimeouts.DEFAULT, 0);
        }

        public Limits withMaxConnections(int max) {
            return new Limits(max, connectionWait, hangupGrace, writeTimeout, maxRequestBytes, readyTimeout,
                    exec, jobs, patience, maxPerAddress);
        }

        public Limits withConnectionWait(Duration wait) {
            return new Limits(maxConnections, wait, hangupGrace, writeTimeout, maxRequestBytes, readyTimeout,
                    exec, jobs, patience, maxPerAddress);
        }

        public Limits withHangupGrace(Duration grace) {
            return new Limits(maxConnections, connectionWait, grace, writeTimeout, maxRequestBytes, readyTimeout,
                    exec, jobs, patience, maxPerAddress);
        }

        public Limits withWriteTimeout(Duration timeout) {
            return new Limits(maxConnections, connectionWait, hangupGrace, timeout, maxRequestBytes, readyTimeout,
                    exec, jobs, patience, maxPerAddress);
        }

        public Limits withReadyTimeout(Duration timeout) {
            return new Limits(maxConnections, connectionWait, hangupGrace, writeTimeout, maxRequestBytes, timeout,
                    exec, jobs, patience, maxPerAddress);
        }

        public Limits withExec(RunLimits limits) {
            return new Limits(maxConnections, connectionWait, hangupGrace, writeTimeout, maxRequestBytes,
                    readyTimeout, limits, jobs, patience, maxPerAddress);
        }

        public Limits withJobs(JobLimits limits) {
            return new Limits(maxConnections, connectionWait, hangupGrace, writeTimeout, maxRequestBytes,
                    readyTimeout, exec, limits, patience, maxPerAddress);
        }

        public Limits withPatience(ClientTimeouts with) {
            return new Limits(maxConnections, connectionWait, hangupGrace, writeTimeout, maxRequestBytes,
                    readyTimeout, exec, jobs, with, maxPerAddress);
        }

        public Limits withMaxPerAddress(int max) {
            return new Limits(maxConnections, connectionWait, hangupGrace, writeTimeout, maxRequestBytes,
                    readyTimeout, exec, jobs, patience, max);
        }
    }
}
