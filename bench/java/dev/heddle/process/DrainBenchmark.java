package dev.heddle.process;

import dev.heddle.command.ResourceLimits;
import dev.heddle.command.Stdio;
import dev.heddle.process.jdk.JdkProcessEngine;
import dev.heddle.process.linux.LinuxProcessEngine;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

/** How many MiB a second can be read from a child that prints on one stream, or on both at once? */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(value = 1, jvmArgsAppend = {"--enable-preview", "--enable-native-access=ALL-UNNAMED"})
public class DrainBenchmark {
    private static final int MEBIBYTES = 128;
    private static final List<String> ONE = List.of("/usr/bin/head", "-c", MEBIBYTES + "M", "/dev/zero");
    private static final List<String> BOTH = List.of("/bin/sh", "-c", "head -c " + MEBIBYTES / 2
            + "M /dev/zero & head -c " + MEBIBYTES / 2 + "M /dev/zero >&2; wait");

    @Param({"native", "jdk", "ProcessBuilder"})
    private String engine;

    @Param({"virtual", "platform"})
    private String threads;

    @Param({"one", "both"})
    private String streams;

    private ExecutorService executor;
    private List<String> argv;
    private Callable<Long> command;

    @Setup(Level.Trial)
    public void start() throws EngineUnavailableException {
        executor = Executors.newThreadPerTaskExecutor(
                threads.equals("virtual") ? Thread.ofVirtual().factory() : Thread.ofPlatform().factory());
        argv = streams.equals("one") ? ONE : BOTH;
        command = switch (engine) {
            case "native" -> through(LinuxProcessEngine.open());
            case "jdk" -> through(new JdkProcessEngine());
            case "ProcessBuilder" -> this::processBuilder;
            default -> throw new IllegalArgumentException(engine);
        };
    }

    @TearDown(Level.Trial)
    public void stop() {
        executor.close();
    }

    /** One operation is one MiB. */
    @Benchmark
    @OperationsPerInvocation(MEBIBYTES)
    public void mebibytes() throws Exception {
        long bytes = executor.submit(command).get(); // both readers are on threads of the same kind
        if (bytes != (long) MEBIBYTES << 20) {
            throw new IllegalStateException(bytes + " bytes came");
        }
    }

    private Callable<Long> through(ProcessEngine processEngine) {
        ProcessSpec spec = new ProcessSpec(
                argv.stream().map(word -> word.getBytes(StandardCharsets.US_ASCII)).toList(), Optional.empty(),
                List.of("PATH=/usr/bin:/bin".getBytes(StandardCharsets.US_ASCII)), new Stdio.Pipes(false, false),
                ResourceLimits.NONE);
        return () -> {
            try (ChildProcess child = processEngine.start(spec)) {
                Future<Long> stderr = executor.submit(() -> drained(child.stderr()));
                return drained(child.stdout()) + stderr.get();
            }
        };
    }

    private static long drained(ChildOutput output) throws IOException, InterruptedException {
        long[] count = {0};
        boolean more;
        do {
            more = output.drainTo(bytes -> count[0] += bytes.remaining());
        } while (more);
        return count[0];
    }

    private long processBuilder() throws Exception {
        Process process = new ProcessBuilder(argv).redirectInput(new File("/dev/null")).start();
        Future<Long> stderr = executor.submit(() -> drained(process.getErrorStream()));
        long count = drained(process.getInputStream()) + stderr.get();
        process.waitFor();
        return count;
    }

    private static long drained(InputStream in) throws IOException {
        byte[] buffer = new byte[64 << 10];
        long count = 0;
        try (in) {
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                count += length;
            }
        }
        return count;
    }
}
