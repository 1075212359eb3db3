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

    private final String name;
    private final Command command;
    private final ChildProcess child;
    private final ExecLimits limits;
    private final Capture stdout;
    private final Capture stderr;
    private final CompletableFuture<Outcome> ending = new CompletableFuture<>(); // who comes first decides
    private final CountDownLatch drained = new CountDownLatch(2);
    private final long startNanos = System.nanoTime();
    private boolean terminated; // TERM has been sent; the owner's alone

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
                    forks.fork("stdout", () -> drain(child.stdout(), stdout));
                    forks.fork("stderr", () -> drain(child.stderr(), stderr));
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
            stdout.finish().close();
            stderr.finish().close();
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
        terminated = true;
        child.signal(Signals.TERM);
        if (await(child.exit(), limits.killGrace()).isEmpty()) {
            child.signal(Signals.KILL);
            await(child.exit(), KILL_WAIT);
        }
    }

    /**
     * The leader has ended: ends the rest of its group and gives the pipes, which any descendant may hold, a
     * bounded time to run dry. What ignores TERM for that time is killed.
     */
    private void sweep() throws InterruptedException {
        long deadline = System.nanoTime() + limits.drainBound().toNanos();
        boolean others = child.hasSurvivors();
        if (others && !terminated) {
            child.signal(Signals.TERM);
        }
        drained.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (others && !awaitNoSurvivors(deadline)) {
            child.signal(Signals.KILL);
            awaitNoSurvivors(System.nanoTime() + limits.drainBound().toNanos());
        }
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

    private Void drain(ChildOutput output, Capture capture) throws IOException, InterruptedException {
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
            drained.countDown();
        }
    }

    private Void feed(ChildInput input, byte[] bytes) throws InterruptedException {
        try {
            input.write(bytes, 0, bytes.length);
            input.close();
        } catch (IOException e) {
            // The program ended, or closed its stdin, without reading all of it: its right, as in `| head -1`.
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
