package dev.heddle.testing;

import dev.heddle.command.RefusedException;
import dev.heddle.command.ResourceLimits;
import dev.heddle.command.Stdio;
import dev.heddle.command.WorkingDirectory;
import dev.heddle.process.ChildOutput;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ExitStatus;
import dev.heddle.process.ProcessEngine;
import dev.heddle.process.ProcessSpec;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Children of one engine, used from threads of one kind, for tests of the engine itself. */
public final class Children {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final Variant variant;
    private final ProcessEngine engine;

    public Children(Variant variant) {
        this.variant = variant;
        engine = variant.engine();
    }

    public ChildProcess start(String... argv) throws RefusedException, InterruptedException {
        return engine.start(spec(argv));
    }

    public ChildProcess start(ProcessSpec spec) throws RefusedException, InterruptedException {
        return engine.start(spec);
    }

    public static ProcessSpec spec(String... argv) {
        return spec(words(argv), Optional.empty(), words("PATH=/usr/bin:/bin"));
    }

    /** With nothing to read, and with stderr apart from stdout. */
    public static ProcessSpec spec(List<byte[]> argv, Optional<WorkingDirectory> directory, List<byte[]> environment) {
        return new ProcessSpec(argv, directory, environment, new Stdio.Pipes(false, false), ResourceLimits.NONE);
    }

    public static ProcessSpec withStdin(String... argv) {
        return with(new Stdio.Pipes(true, false), spec(argv));
    }

    public static ProcessSpec with(Stdio stdio, ProcessSpec spec) {
        return new ProcessSpec(spec.argv(), spec.directory(), spec.environment(), stdio, spec.limits());
    }

    /** With a variable that marks the process and its descendants, see {@link HostProcesses#withVariable}. */
    public static ProcessSpec marked(String mark, String... argv) {
        return spec(words(argv), Optional.empty(), words("PATH=/usr/bin:/bin", "MARK=" + mark));
    }

    public static List<byte[]> words(String... words) {
        List<byte[]> bytes = new ArrayList<>();
        for (String word : words) {
            bytes.add(word.getBytes(StandardCharsets.UTF_8));
        }
        return bytes;
    }

    /** Runs the task on a new thread of the variant's kind. */
    public <T> Running<T> fork(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        Thread thread = variant.threads().factory().newThread(future);
        thread.start();
        return new Running<>(thread, future);
    }

    public record Running<T>(Thread thread, Future<T> future) {
        public T get() throws Exception {
            return future.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        }

        /** Waits until the thread is parked or blocked, as one that waits for a pipe is. */
        public Running<T> awaitWaiting() throws Exception {
            Await.until("it waits", () -> {
                Thread.State state = thread.getState();
                return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
            });
            return this;
        }
    }

    /** What a child printed, and how it ended. */
    public record Result(String out, String err, ExitStatus exit) {}

    public Result run(String... argv) throws Exception {
        return run(spec(argv));
    }

    public Result run(ProcessSpec spec) throws Exception {
        try (ChildProcess child = engine.start(spec)) {
            Running<byte[]> out = fork(() -> drain(child.stdout()));
            Running<byte[]> err = fork(() -> drain(child.stderr()));
            return new Result(text(out.get()), text(err.get()), exit(child));
        }
    }

    public static ExitStatus exit(ChildProcess child) throws Exception {
        return child.exit().get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    }

    public static byte[] drain(ChildOutput output) throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        boolean more;
        do {
            more = output.drainTo(bytes -> {
                byte[] piece = new byte[bytes.remaining()];
                bytes.get(piece);
                all.writeBytes(piece);
            });
        } while (more);
        return all.toByteArray();
    }

    /** Every byte one character, so that nothing is lost. */
    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
