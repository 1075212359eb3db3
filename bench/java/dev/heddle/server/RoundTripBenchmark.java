package dev.heddle.server;

import dev.heddle.bench.Load;
import dev.heddle.process.EngineUnavailableException;
import dev.heddle.process.jdk.JdkProcessEngine;
import dev.heddle.process.linux.LinuxProcessEngine;
import dev.heddle.server.ServerConfig.Limits;
import dev.heddle.server.ServerConfig.Security;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

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
 * How many requests a second go through a server and back over loopback? The server and its clients, all on one
 * selector, are in the same JVM, so that what both allocate shows. The engine matters to RUN only.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3) // the compiler is busy with RUN for that long
@Measurement(iterations = 4, time = 2)
@Fork(value = 1, jvmArgsAppend = {"--enable-preview", "--enable-native-access=ALL-UNNAMED"})
public class RoundTripBenchmark {
    private static final int PINGS = 8_192;
    private static final int COMMANDS = 1_024;

    @Param({"virtual", "platform"})
    private String threads;

    @Param({"native", "jdk"})
    private String engine;

    @Param({"1", "64", "1024"})
    private int clients;

    private HeddleServer server;
    private Load ping;
    private Load run;

    @Setup(Level.Trial)
    public void start() throws EngineUnavailableException, IOException, UnsafeStartException {
        Limits limits = Limits.defaults();
        server = HeddleServer.start(new ServerConfig(List.of(ListenAddress.parse("resp://127.0.0.1:0")),
                threads.equals("virtual") ? ThreadMode.VIRTUAL : ThreadMode.PLATFORM,
                engine.equals("native") ? LinuxProcessEngine.open() : new JdkProcessEngine(),
                new Security(Optional.empty(), false, false),
                limits.withExec(limits.exec().withWaiting(COMMANDS, Duration.ofMinutes(1)))));
        int port = server.addresses().getFirst().port();
        ping = new Load(port, clients, Load.PING);
        run = new Load(port, clients, Load.Exchange.run("/bin/true"));
    }

    @TearDown(Level.Trial)
    public void stop() throws IOException {
        ping.close();
        run.close();
        server.close();
    }

    @Benchmark
    @OperationsPerInvocation(PINGS)
    public void ping() throws IOException {
        ping.run(PINGS).orThrow();
    }

    @Benchmark
    @OperationsPerInvocation(COMMANDS)
    public void runTrue() throws IOException {
        run.run(COMMANDS).orThrow();
    }
}
