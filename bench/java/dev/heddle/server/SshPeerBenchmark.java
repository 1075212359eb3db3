package dev.heddle.server;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.keyverifier.AcceptAllServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.apache.sshd.server.shell.ProcessShellCommandFactory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The peer of RoundTripBenchmark's {@code runTrue}: Apache MINA SSHD runs {@code /bin/true} for its own client, in
 * the same JVM. The connections are there before it counts, so that no key exchange is in the figure; what is
 * sent is encrypted, unlike ours.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 4, time = 2)
@Fork(value = 1, jvmArgsAppend = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error") // it warns of each host key
public class SshPeerBenchmark {
    private static final int COMMANDS = 256;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Param({"1", "64"})
    private int clients;

    private SshServer server;
    private SshClient client;
    private final List<ClientSession> sessions = new ArrayList<>();
    private ExecutorService executor;

    @Setup(Level.Trial)
    public void start() throws IOException {
        server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        server.setKeyPairProvider(new SimpleGeneratorHostKeyProvider((Path) null)); // in memory
        server.setPasswordAuthenticator((user, password, session) -> true);
        server.setCommandFactory(ProcessShellCommandFactory.INSTANCE);
        server.start();
        client = SshClient.setUpDefaultClient();
        client.setServerKeyVerifier(AcceptAllServerKeyVerifier.INSTANCE);
        client.start();
        for (int i = 0; i < clients; i++) {
            ClientSession session = client.connect("bench", "127.0.0.1", server.getPort()).verify(PATIENCE)
                    .getSession();
            session.addPasswordIdentity("bench");
            session.auth().verify(PATIENCE);
            sessions.add(session);
        }
        executor = Executors.newVirtualThreadPerTaskExecutor();
    }

    @TearDown(Level.Trial)
    public void stop() throws IOException {
        executor.close();
        client.stop();
        server.stop();
    }

    @Benchmark
    @OperationsPerInvocation(COMMANDS)
    public void runTrue() throws Exception {
        AtomicInteger left = new AtomicInteger(COMMANDS);
        List<Future<?>> workers = new ArrayList<>();
        for (ClientSession session : sessions) {
            workers.add(executor.submit(() -> {
                while (left.getAndDecrement() > 0) {
                    run(session);
                }
                return null;
            }));
        }
        for (Future<?> worker : workers) {
            worker.get();
        }
    }

    private static void run(ClientSession session) throws IOException {
        try (ChannelExec channel = session.createExecChannel("/bin/true")) {
            channel.setRedirectErrorStream(true);
            channel.open().verify(PATIENCE);
            channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), PATIENCE);
            if (!Integer.valueOf(0).equals(channel.getExitStatus())) {
                throw new IllegalStateException("exit status " + channel.getExitStatus());
            }
        }
    }
}
