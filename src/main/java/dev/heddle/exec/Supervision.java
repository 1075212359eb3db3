package dev.heddle.exec;

import dev.heddle.process.ChildInput;
import dev.heddle.process.ChildOutput;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ExitStatus;
import dev.heddle.process.Signals;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The life of one started command, from its first byte to its end: one structured scope whose forks move the
 * pipes and whose owner, the client's thread, waits for the leader. The deadline is the owner's and not the
 * scope's, which would interrupt the drains before the output is safe.
 */
final class Supervision {
    /** After KILL a leader ends at once, unless it is stuck in the kernel: then nobody can wait for it. */
    private static final Duration KILL_WAIT = Duration.ofSeconds(1);
    /** A busy host may need long to drain what the leader left in the pipes; nobody needs longer. */
    private static final Duration SLOW_DRAIN = Duration.ofSeconds(10);
    /** The most that a leader can leave in a pipe, see fs.pipe-max-size in pipe(7): the rest is not its own. */
    private static final long MAX_PIPE_BYTES = 1 << 20;
    private static final Duration DRAIN_CHECK = Duration.ofMillis(20);

    private final String name;
    private final Command command;
    private final ChildProcess child;
    private final ExecLimits limits;
    private final Capture stdout;
    private final Capture stderr;
    private final CompletableFuture<Outcome> ending = new CompletableFuture<>(); // who comes first decides
    private final CountDownLatch stdoutDrained = new CountDownLatch(1);
    private final CountDownLatch stderrDrained = new CountDownLatch(1);
    private final long startNanos = System.nanoTime();
    private boolean terminated; // TERM has been sent; the owner's alone
    private long terminatedNanos; // when; the owner's alone

    Supervision(String name, Command command, ChildProcess child, ExecLimits limits, MemoryBudget budget) {
        this.name = name;
        this.command = command;
        this.child = child;
        this.limits = limits;
        stdout = new Capture(command.maxOutputBytes(), budget, this::overLimit);
        stderr = new Capture(command.maxOutputBytes(), budget, this::overLimit);
    }

    /** Runs to the end of the command; afterwards no fork is left and no process of the group. */
    CommandResult run(ThreadFactory threads, Cancellation cancellation) throws InterruptedException {
        child.exit().thenAccept(status -> ending.complete(outcome(status)));
        cancellation.whenCancelled(() -> ending.complete(new Outcome.Cancelled()));
        try {
            return CommandScope.run(name, threads, forks -> {
                try {
                    forks.fork("stdout", () -> drain(child.stdout(), stdout, stdoutDrained));
                    forks.fork("stderr", () -> drain(child.stderr(), stderr, stderrDrained));
                    command.stdin().ifPresent(bytes -> forks.fork("stdin", () -> feed(child.stdin(), bytes)));
                    Outcome outcome = awaitEnding();
                    Duration wallTime = Duration.ofNanos(System.nanoTime() - startNanos);
                    sweep();
                    return new End(outcome, wallTime);
                } finally {
                    child.closePipes(); // ends the forks, whatever else happened
                }
            }).result(this);
        } catch (Throwable e) {
            stdout.discard();
            stderr.discard();
            throw e;
        }
    }

    /** How the owner saw the command end. The outputs are taken only after the forks were joined. */
    private record End(Outcome outcome, Duration wallTime) {
        CommandResult result(Supervision command) {
            return new CommandResult(outcome, command.stdout.finish(), command.stderr.finish(), wallTime,
                    command.child.usage());
        }
    }

    private static Outcome outcome(ExitStatus status) {
        return switch (status) {
            case ExitStatus.Exited(int code) -> new Outcome.Exited(code);
            case ExitStatus.Signaled(int signal) -> new Outcome.Signaled(signal);
        };
    }

    private void overLimit() {
        if (command.overLimit() == Command.OverLimit.KILL) {
            ending.complete(new Outcome.Cancelled());
        }
    }

    /** Waits for the first of exit, deadline and cancellation; the leader has ended when this returns. */
    private Outcome awaitEnding() throws InterruptedException {
        Optional<Outcome> first = command.timeout().isPresent()
                ? await(ending, command.timeout().get())
                : Optional.of(await(ending));
        ending.complete(new Outcome.TimedOut());
        if (!child.exit().isDone()) {
            stopLeader();
        }
        return first.orElse(ending.join());
    }

    private void stopLeader() throws InterruptedException {
        terminate();
        if (await(child.exit(), limits.killGrace()).isEmpty()) {
            child.signal(Signals.KILL);
            await(child.exit(), KILL_WAIT);
        }
    }

    private void terminate() {
        terminated = true;
        terminatedNanos = System.nanoTime();
        child.signal(Signals.TERM);
    }

    /**
     * The leader has ended: ends the rest of its group, and gives the pipes, which any descendant may hold, a
     * bounded time to run dry. Others get TERM when the leader has ended by itself, and KILL after the drain
     * bound; when the whole group has got TERM before, they have the rest of its grace. Meanwhile the drains go
     * on.
     */
    private void sweep() throws InterruptedException {
        long endedNanos = System.nanoTime();
        if (child.hasSurvivors()) {
            Duration grace = terminated ? limits.killGrace() : limits.drainBound();
            if (!terminated) {
                terminate();
            }
            if (!awaitNoSurvivors(terminatedNanos + grace.toNanos())) {
                child.signal(Signals.KILL);
                awaitNoSurvivors(System.nanoTime() + limits.drainBound().toNanos());
            }
        }
        awaitDrained(endedNanos);
    }

    /**
     * Waits for the ends of both pipes. After the drain bound it waits only for what the leader itself has
     * written: not for a pipe that some other process holds, be it silent, talking or flooding.
     */
    private void awaitDrained(long endedNanos) throws InterruptedException {
        long flood = stdout.total() + stderr.total() + 2 * MAX_PIPE_BYTES;
        long deadline = endedNanos + limits.drainBound().toNanos();
        while (!awaitBoth(deadline)) {
            boolean dry = isDry(child.stdout(), stdoutDrained, endedNanos)
                    && isDry(child.stderr(), stderrDrained, endedNanos);
            if (dry || stdout.total() + stderr.total() > flood
                    || System.nanoTime() - endedNanos > SLOW_DRAIN.toNanos()) {
                return;
            }
            deadline = System.nanoTime() + DRAIN_CHECK.toNanos();
        }
    }

    private boolean awaitBoth(long deadlineNanos) throws InterruptedException {
        return stdoutDrained.await(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)
                && stderrDrained.await(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    private static boolean isDry(ChildOutput output, CountDownLatch end, long sinceNanos) {
        return end.getCount() == 0 || output.isDry(sinceNanos);
    }

    /** Nothing tells when the last member of a group has gone; so it is asked, at growing intervals. */
    private boolean awaitNoSurvivors(long deadlineNanos) throws InterruptedException {
        long pauseNanos = 500_000;
        while (child.hasSurvivors()) {
            if (System.nanoTime() - deadlineNanos >= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.sleep(pauseNanos);
            pauseNanos = Math.min(pauseNanos * 2, 20_000_000);
        }
        return true;
    }

    private Void drain(ChildOutput output, Capture capture, CountDownLatch end)
            throws IOException, InterruptedException {
        try {
            boolean more;
            do {
                more = output.drainTo(capture);
            } while (more);
            return null;
        } catch (RuntimeException | Error e) {
            ending.complete(new Outcome.Cancelled()); // nobody drains any more: the command must not wait
            throw e;
        } finally {
            end.countDown();
        }
    }

    private Void feed(ChildInput input, byte[] bytes) throws InterruptedException {
        try {
            input.write(bytes, 0, bytes.length);
            input.close();
        } catch (IOException e) {
            // The program ended, or closed its stdin, without reading all of it: its right, as in `| head -1`.
        } catch (RuntimeException | Error e) {
            ending.complete(new Outcome.Cancelled()); // the program would wait for its input for ever
            throw e;
        }
        return null;
    }

    private static Outcome await(CompletableFuture<Outcome> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new AssertionError("never completed exceptionally", e);
        }
    }

    private static <T> Optional<T> await(CompletableFuture<T> future, Duration bound)
            throws InterruptedException {
        try {
            return Optional.of(future.get(bound.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new AssertionError("never completed exceptionally", e);
        }
    }
}
