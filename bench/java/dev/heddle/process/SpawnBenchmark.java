package dev.heddle.process;

import dev.heddle.command.ResourceLimits;
import dev.heddle.command.Stdio;
import dev.heddle.process.jdk.JdkProcessEngine;
import dev.heddle.process.linux.LinuxProcessEngine;

import com.zaxxer.nuprocess.NuAbstractProcessHandler;
import com.zaxxer.nuprocess.NuProcess;
import com.zaxxer.nuprocess.NuProcessBuilder;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

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
 * How many commands a second can be started, drained on both streams and waited for? Compare with two processes
 * of {@code bench/c/spawn.c} at once, each of which does the same in C.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 4, time = 2)
@Fork(value = 1, jvmArgsAppend = {"--enable-preview", "--enable-native-access=ALL-UNNAMED"})
public class SpawnBenchmark {
    private static final int COMMANDS = 256;
    private static final byte[] PROGRAM = "/bin/true".getBytes(StandardCharsets.US_ASCII);

    @Param({"native", "jdk", "ProcessBuilder", "NuProcess"})
    private String engine;

    @Param({"virtual", "platform"})
    private String threads;

    @Param({"1", "4", "64"})
    private int atOnce;

    /** As many as a server with so many clients has; who copies them all for each start pays for it. */
    @Param({"0"})
    private int openFiles;

    private final List<InputStream> open = new ArrayList<>();
    private ThreadFactory factory;
    private ExecutorService executor;
    private Callable<Integer> command;

    @Setup(Level.Trial)
    public void start() throws EngineUnavailableException, IOException {
        factory = threads.equals("virtual") ? Thread.ofVirtual().factory() : Thread.ofPlatform().factory();
        executor = Executors.newThreadPerTaskExecutor(factory);
        for (int i = 0; i < openFiles; i++) {
            open.add(new FileInputStream("/dev/null"));
        }
        command = switch (engine) {
            case "native" -> through(LinuxProcessEngine.open());
            case "jdk" -> through(new JdkProcessEngine());
            case "ProcessBuilder" -> this::processBuilder;
            case "NuProcess" -> SpawnBenchmark::nuProcess;
            default -> throw new IllegalArgumentException(engine);
        };
    }

    @TearDown(Level.Trial)
    public void stop() throws IOException {
        executor.close();
        for (InputStream file : open) {
            file.close();
        }
    }

    /** So many threads share so many commands. */
    @Benchmark
    @OperationsPerInvocation(COMMANDS)
    public void trueWithBothStreamsDrained() throws Exception {
        AtomicInteger left = new AtomicInteger(COMMANDS);
        List<Future<?>> workers = new ArrayList<>();
        for (int i = 0; i < atOnce; i++) {
            workers.add(executor.submit(() -> {
                while (left.getAndDecrement() > 0) {
                    int code = command.call();
                    if (code != 0) {
                        throw new IllegalStateException("exit code " + code);
                    }
                }
                return null;
            }));
        }
        for (Future<?> worker : workers) {
            worker.get();
        }
    }

    private Callable<Integer> through(ProcessEngine processEngine) {
        ProcessSpec spec = new ProcessSpec(List.of(PROGRAM), Optional.empty(),
                List.of("PATH=/usr/bin:/bin".getBytes(StandardCharsets.US_ASCII)), new Stdio.Pipes(false, false),
                ResourceLimits.NONE);
        return () -> {
            try (ChildProcess child = processEngine.start(spec)) {
                Thread stderr = factory.newThread(() -> drain(child.stderr()));
                stderr.start();
                drain(child.stdout());
                stderr.join();
                return child.exit().get() instanceof ExitStatus.Exited(int code) ? code : -1;
            }
        };
    }

    private static void drain(ChildOutput output) {
        try {
            boolean more;
            do {
                more = output.drainTo(bytes -> { });
            } while (more);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private int processBuilder() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("/bin/true").redirectInput(new File("/dev/null"));
        builder.environment().clear();
        Process process = builder.start();
        Thread stderr = factory.newThread(() -> drain(process.getErrorStream()));
        stderr.start();
        drain(process.getInputStream());
        stderr.join();
        return process.waitFor();
    }

    private static void drain(InputStream in) {
        try (in) {
            in.transferTo(new ByteArrayOutputStream(0));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int nuProcess() throws InterruptedException {
        NuProcessBuilder builder = new NuProcessBuilder(List.of("/bin/true"));
        builder.setProcessListener(new NuAbstractProcessHandler() {
            @Override
            public void onStdout(ByteBuffer buffer, boolean closed) {
                buffer.position(buffer.limit());
            }

            @Override
            public void onStderr(ByteBuffer buffer, boolean closed) {
                buffer.position(buffer.limit());
            }
        });
        NuProcess process = builder.start();
        return process.waitFor(0, TimeUnit.SECONDS);
    }
}
