package dev.heddle.cli.serve;

import dev.heddle.access.Access;
import dev.heddle.cli.local.ExitCodes;
import dev.heddle.cli.local.LocalStreamException;
import dev.heddle.cli.local.StandardOutput;
import dev.heddle.cli.local.StopSignals;
import dev.heddle.cli.value.ByteSize;
import dev.heddle.job.JobLimits;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.ConnectionLimits;
import dev.heddle.platform.Invocation;
import dev.heddle.process.EngineUnavailableException;
import dev.heddle.run.RunLimits;
import dev.heddle.server.HeddleServer;
import dev.heddle.server.ListenAddress;
import dev.heddle.server.ServerConfig;
import dev.heddle.server.StopReport;
import dev.heddle.server.ThreadMode;
import dev.heddle.server.UnsafeStartException;
import dev.heddle.server.Version;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heddle serve}: runs the server until SIGTERM or SIGINT. */
@Command(name = "serve", description = "Serve commands to clients.", sortOptions = false,
        defaultValueProvider = EnvironmentDefaults.class, showDefaultValues = true, usageHelpWidth = 100,
        footer = {"", "Clients must give a token: that in ~/.config/heddle/token, which is made at the first start, or"
                + " the one in HEDDLE_PASSWORD, or that of a user of --users.",
            "Each option can also be set by a variable: --hangup-grace by HEDDLE_HANGUP_GRACE."})
public final class ServeCommand implements Callable<Integer> {
    private static final String ANCESTORS_GREETING = "欢迎连接到服务器。。。";

    /** How much the log tells; each level includes the levels before it. */
    private enum LogLevel { ERROR, WARN, INFO, DEBUG }

    @Option(names = "--listen", paramLabel = "URI", split = ",", defaultValue = "resp://127.0.0.1:7379",
            description = "Where to listen: resp://, resps:// (TLS), resp+unix:///PATH, ready://, upper://; may be"
                    + " repeated. Port 0 lets the system choose.")
    private List<String> listen;

    @Option(names = "--threads", paramLabel = "KIND", defaultValue = "virtual",
            description = "Run clients on virtual or platform threads.")
    private ThreadMode threads;

    @Option(names = "--engine", paramLabel = "KIND", defaultValue = "auto",
            description = "How programs are started: native (Linux), jdk (anywhere), or auto.")
    private EngineChoice engine;

    @Option(names = "--cgroup", paramLabel = "DIR",
            description = "A delegated cgroup v2 directory: each command gets a group of its own, which nothing"
                    + " that it starts can leave.")
    private Path cgroup;

    @Mixin
    private AccessOptions accessOptions;

    @Mixin
    private TransportOptions transports;

    @Option(names = "--allow-plaintext", arity = "0..1", fallbackValue = "true", defaultValue = "false",
            paramLabel = "BOOL", description = "Let the password cross the network unencrypted.")
    private boolean allowPlaintext;

    @Option(names = "--trust-local-users", arity = "0..1", fallbackValue = "true", defaultValue = "false",
            paramLabel = "BOOL", description = "Let everybody on this machine run commands over ready://.")
    private boolean trustLocalUsers;

    @Option(names = "--upper-greeting", arity = "0..1", paramLabel = "TEXT", fallbackValue = ANCESTORS_GREETING,
            description = "Greet clients of upper://, as one of its ancestors does.")
    private String upperGreeting;

    @Option(names = "--print-addresses", paramLabel = "FILE",
            description = "Write the addresses in use to a file, one a line, once the server accepts clients.")
    private Path printAddresses; // null without the option; picocli completes file names for a plain Path only

    @Option(names = "--max-connections", paramLabel = "N", defaultValue = "10000",
            description = "Clients at the same time.")
    private int maxConnections;

    @Option(names = "--max-commands", paramLabel = "N", defaultValue = "10000",
            description = "Commands at the same time; the process engine has a ceiling of its own.")
    private int maxCommands;

    @Option(names = "--max-waiting", paramLabel = "N", defaultValue = "1000",
            description = "Commands that wait for a running one to end.")
    private int maxWaiting;

    @Option(names = "--max-wait", paramLabel = "TIME", defaultValue = "10s",
            description = "How long each waits; then it is refused.")
    private Duration maxWait;

    @Option(names = "--max-request", paramLabel = "SIZE", defaultValue = "64MiB",
            description = "The size of one request, stdin included.")
    private ByteSize maxRequest;

    @Option(names = "--default-output", paramLabel = "SIZE", defaultValue = "1MiB",
            description = "What is kept of each stream when a command does not say.")
    private ByteSize defaultOutput;

    @Option(names = "--max-output", paramLabel = "SIZE", defaultValue = "64MiB",
            description = "The most that a command may ask to be kept.")
    private ByteSize maxOutput;

    @Option(names = "--memory-budget", paramLabel = "SIZE",
            description = "For all kept output and large requests together. Default: a quarter of the heap.")
    private Optional<ByteSize> memoryBudget;

    @Option(names = "--max-kept", paramLabel = "N", defaultValue = "1000",
            description = "Ended jobs and results of commands with an ID that are kept.")
    private int maxKept;

    @Option(names = "--id-memory", paramLabel = "TIME", defaultValue = "10m",
            description = "How long an ID is known after its command has ended.")
    private Duration idMemory;

    @Option(names = "--hangup-grace", paramLabel = "TIME", defaultValue = "2s",
            description = "How long a command may go on once its client has closed its side.")
    private Duration hangupGrace;

    @Option(names = "--ready-timeout", paramLabel = "TIME", defaultValue = "10m",
            description = "How long a command over ready:// may take.")
    private Duration readyTimeout;

    @Option(names = "--kill-grace", paramLabel = "TIME", defaultValue = "2s",
            description = "The time between TERM and KILL.")
    private Duration killGrace;

    @Option(names = "--write-timeout", paramLabel = "TIME", defaultValue = "30s",
            description = "How long a client may leave a reply unread.")
    private Duration writeTimeout;

    @Option(names = "--drain-time", paramLabel = "TIME", defaultValue = "10s",
            description = "How long running commands may go on after SIGTERM.")
    private Duration drainTime;

    @Mixin
    private LimitOptions clientLimits;

    @Mixin
    private WatchOptions watching;

    @Option(names = "--log-level", paramLabel = "LEVEL", defaultValue = "warn",
            description = "error, warn, info or debug.")
    private LogLevel logLevel;

    @Override
    public Integer call() throws InterruptedException {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", logLevel.name().toLowerCase(Locale.ROOT));
        StopSignals.Requests requests = StopSignals.install(); // before the first client can be there
        try {
            List<ListenAddress> addresses = listen.stream().map(ListenAddress::parse).toList();
            try (Access access = accessOptions.open(addresses, Invocation.environment())) {
                if (access.hasUsersFile()) {
                    StopSignals.onHangUp(access::reload);
                }
                ServerConfig.Transports wires = transports.read();
                wires.tls().ifPresent(tls -> StopSignals.onHangUp(tls::reloadOrKeep));
                return serve(new ServerConfig(addresses, threads, engine.open(Optional.ofNullable(cgroup)),
                        new ServerConfig.Security(access, allowPlaintext, trustLocalUsers), limits(), wires,
                        new ServerConfig.Ancestors(readyTimeout, upperGreeting == null ? "" : upperGreeting)),
                        requests);
            }
        } catch (IllegalArgumentException | IOException | UnsafeStartException | EngineUnavailableException e) {
            StandardOutput.complain("heddle serve: " + e.getMessage());
            return e instanceof IOException ? ExitCodes.FAILED : ExitCodes.USAGE;
        }
    }

    private ServerConfig.Limits limits() {
        ServerConfig.Limits defaults = ServerConfig.Limits.defaults();
        require(maxCommands >= 1, "--max-commands is at least 1");
        require(maxWaiting >= 0, "--max-waiting is not less than 0");
        long budgetBytes = memoryBudget.map(ByteSize::bytes).orElse(defaults.exec().budgetBytes());
        RunLimits exec = new RunLimits(maxCommands, maxWaiting, maxWait, defaultOutput.toInt("--default-output"),
                maxOutput.toInt("--max-output"), budgetBytes, killGrace, defaults.exec().drainBound());
        require(maxConnections >= 1, "--max-connections is at least 1");
        require(!writeTimeout.isZero(), "--write-timeout is more than 0");
        ConnectionLimits connections = clientLimits.connections(maxConnections, writeTimeout, hangupGrace);
        require(maxKept >= 0, "--max-kept is not less than 0");
        require(!readyTimeout.isZero(), "--ready-timeout is more than 0");
        return new ServerConfig.Limits(connections, clientLimits.timeouts(), maxRequest.toInt("--max-request"), exec,
                new JobLimits(maxKept, idMemory));
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(rule);
        }
    }

    private int serve(ServerConfig config, StopSignals.Requests requests)
            throws IOException, UnsafeStartException, InterruptedException {
        Optional<AddressFile> addressFile = Optional.ofNullable(printAddresses).map(AddressFile::new);
        if (addressFile.isPresent()) {
            addressFile.get().require();
        }
        try (WatchOptions.Watchers watchers = watching.open();
                HeddleServer server = HeddleServer.start(config, watchers.observers())) {
            watchers.watch(server);
            if (watchers.audit().isPresent()) {
                StopSignals.onHangUp(watchers::reopen);
            }
            requests.up();
            List<ListenAddress> addresses = server.addresses();
            if (addressFile.isPresent()) {
                addressFile.get().write(addresses);
            }
            // On a thread of its own: while a terminal is stopped, or a pipe is full, signals must be obeyed.
            List<String> lines = greeting(config, server, watchers);
            Thread greeter = Thread.ofPlatform().daemon().name("greeting")
                    .start(() -> lines.forEach(ServeCommand::say));
            // Started now: at a stop there may be no room for a thread.
            Thread.ofPlatform().daemon().name("force").start(() -> forceWhenAsked(server, requests));
            requests.awaitStop();
            StopReport report = server.stop(drainTime);
            if (!greeter.isAlive()) {
                say("stopped: " + report);
            }
            return report.how() == StopReport.How.GRACEFUL ? ExitCodes.OK : ExitCodes.FAILED;
        }
    }

    /** Prints a line. A server goes on without its stdout, but reports the failure. */
    private static void say(String line) {
        try {
            StandardOutput.OUT.print(line + "\n");
        } catch (LocalStreamException e) {
            e.report();
        }
    }

    private List<String> greeting(ServerConfig config, HeddleServer server, WatchOptions.Watchers watchers) {
        List<ListenAddress> addresses = server.addresses();
        List<String> lines = new ArrayList<>();
        lines.add("Heddle %s: %s threads, %s engine, up to %d commands at once, %s".formatted(Version.text(),
                config.threads().name().toLowerCase(Locale.ROOT), config.engine().name(),
                server.service().status().maxRunning(), accessOptions.description(config.security().access())));
        lines.add("the heap holds up to %d MiB; the memory budget of clients is %d MiB".formatted(
                Runtime.getRuntime().maxMemory() >> 20, server.service().status().budgetMaxBytes() >> 20));
        server.loweredLimits().ifPresent(lines::add);
        addresses.forEach(address -> lines.add("listening on " + address));
        accessOptions.invitation(addresses).ifPresent(line -> lines.add("try it: " + line));
        if (watchers.metrics().isPresent()) {
            lines.add("metrics on http://" + ClientSocket.text(watchers.metrics().get().address()) + "/metrics");
        }
        return lines;
    }

    private static void forceWhenAsked(HeddleServer server, StopSignals.Requests requests) {
        try {
            requests.awaitForce();
            server.force();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // no code interrupts this thread
        }
    }
}
