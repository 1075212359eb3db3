package dev.heddle.bench;

import dev.heddle.command.ResourceLimits;
import dev.heddle.command.Stdio;
import dev.heddle.process.ChildOutput;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ExitStatus;
import dev.heddle.process.ProcessEngine;
import dev.heddle.process.ProcessSpec;
import dev.heddle.process.linux.LinuxProcessEngine;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs many {@code sleep} at the same time on the native engine, with both streams read and nothing around it, and
 * prints how many seconds that takes: the yardstick of RunningCommands. Arguments: how many, and for how long.
 */
final class SpawningAlone {
    private SpawningAlone() {}

    public static void main(String[] args) throws Exception {
        ProcessEngine engine = LinuxProcessEngine.open();
        ProcessSpec spec = new ProcessSpec(List.of(bytes("/bin/sleep"), bytes(args[1])), Optional.empty(),
                List.of(bytes("PATH=/usr/bin:/bin")), new Stdio.Pipes(false, false), ResourceLimits.NONE);
        run(engine, spec, 1); // loads the classes
        long start = System.nanoTime();
        run(engine, spec, Integer.parseInt(args[0]));
        System.out.println((System.nanoTime() - start) / 1e9);
        System.exit(0);
    }

    private static void run(ProcessEngine engine, ProcessSpec spec, int commands) throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < commands; i++) {
                all.add(executor.submit(() -> {
                    run(engine, spec, executor);
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    private static void run(ProcessEngine engine, ProcessSpec spec, ExecutorService executor) throws Exception {
        try (ChildProcess child = engine.start(spec)) {
            Future<?> stderr = executor.submit(() -> {
                drain(child.stderr());
                return null;
            });
            drain(child.stdout());
            stderr.get();
            if (!(child.exit().get() instanceof ExitStatus.Exited(int code) && code == 0)) {
                throw new IllegalStateException("sleep ends with " + child.exit().get());
            }
        }
    }

    private static void drain(ChildOutput output) throws Exception {
        boolean more;
        do {
            more = output.drainTo(bytes -> { });
        } while (more);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
