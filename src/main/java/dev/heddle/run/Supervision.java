package dev.heddle.run;

import dev.heddle.command.CommandEnd;
import dev.heddle.command.Outcome;
import dev.heddle.command.SignalOutcome;
import dev.heddle.command.Signals;
import dev.heddle.command.StopPolicy;
import dev.heddle.command.Usage;
import dev.heddle.process.ChildInput;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ExitStatus;
import dev.heddle.scope.CommandScope;
import dev.heddle.time.AwakeClock;
import dev.heddle.time.Cancellation;
import dev.heddle.time.Deadline;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The life of one started command, from its first byte to its end: one structured scope whose forks move the
 * pipes and whose owner, the client's thread, waits for the leader. The deadline is the owner's and not the
 * scope's, which would interrupt the drains before the output is safe.
 */
final class Supervision implements RunningCommand {
    /** After KILL a leader ends at once, unless it is stuck in the kernel: then nobody can wait for it. */
    private static final Duration KILL_WAIT = Duration.ofSeconds(1);
    /** A busy host may need long to drain what the leader left in the pipes; nobody needs longer. */
    private static final Duration SLOW_DRAIN = Duration.ofSeconds(10);
    /** The most that a leader can leave in a pipe, see fs.pipe-max-size in pipe(7): the rest is not its own. */
    private static final long MAX_PIPE_BYTES = 1 << 20;
    private static final Duration DRAIN_CHECK = Duration.ofMillis(20);

    private final CommandSignals signals;
    private final Optional<Duration> timeout;
    private final ChildProcess child;
    private final StopPolicy stop;
    private final Duration drainBound;
    private final Drain stdout;
    private final Drain stderr;
    private final CompletableFuture<Outcome> ending = new CompletableFuture<>(); // who comes first decides
    private final long startNanos = System.nanoTime();
    private Deadline survivorsEnd; // of their grace after TERM; the owner's alone

    /**
     * A command that has been started.
     *
     * @param timeout    until its leader is stopped; empty for no limit
     * @param drainBound how long output may still come after the leader's end
     */
    Supervision(CommandSignals signals, ChildProcess child, CommandStreams streams, Optional<Duration> timeout,
                StopPolicy stop, Duration drainBound) {
        this.signals = signals;
        this.timeout = timeout;
        this.child = child;
        this.stop = stop;
        this.drainBound = drainBound;
        stdout = new Drain(child.stdout(), streams.stdout(), this::cancel);
        stderr = new Drain(child.stderr(), streams.stderr(), this::cancel);
    }

    /** Runs to the end of the command; afterwards no fork is left and no process of the group. */
    CommandEnd run(ThreadFactory threads, Optional<StdinSource> stdin, Cancellation cancellation)
            throws InterruptedException {
        child.exit().thenAccept(status -> ending.complete(outcome(status)));
        // Closed at the end: whoever keeps the cancellation would keep the output too.
        try (Cancellation.Listening listening = cancellation.whenCancelled(this::cancel)) {
            return run(threads, stdin);
        }
    }

    private CommandEnd run(ThreadFactory threads, Optional<StdinSource> stdin) throws InterruptedException {
        End end = CommandScope.run(signals.name(), threads, forks -> {
            try {
                forks.fork("stdout", stdout);
                forks.fork("stderr", stderr);
                stdin.ifPresent(source -> forks.fork("stdin", () -> feed(child.stdin(), source)));
                Outcome outcome = awaitEnding();
                Duration wallTime = Duration.ofNanos(System.nanoTime() - startNanos);
                boolean leftRunning = !sweep();
                if (leftRunning) {
                    signals.leaveRunning(outcome);
                }
                return new End(outcome, wallTime, leftRunning);
            } catch (InterruptedException | RuntimeException | Error e) {
                signals.kill(); // before it can see the end of its stdin
                throw e;
            } finally {
                child.closePipes(); // ends the drains, whatever else happened
                stdin.ifPresent(StdinSource::close); // and what waits for more to feed
            }
        });
        return new CommandEnd(end.outcome(), usage(end.wallTime()), end.leftRunning());
    }

    /** Ends a command that nobody has seen to its end, because this thread was interrupted or failed. */
    CommandEnd abandon() {
        Outcome outcome = new Outcome.Cancelled();
        boolean leftRunning = !signals.kill();
        if (leftRunning) {
            signals.leaveRunning(outcome);
        }
        return new CommandEnd(outcome, usage(Duration.ofNanos(System.nanoTime() - startNanos)), leftRunning);
    }

    private Usage usage(Duration wallTime) {
        return new Usage(wallTime, child.usage(), stdout.total(), stderr.total(), 0);
    }

    /** How the owner saw the command end. The totals are taken only after the forks were joined. */
    private record End(Outcome outcome, Duration wallTime, boolean leftRunning) {}

    @Override
    public String name() {
        return signals.name();
    }

    @Override
    public SignalOutcome signal(int signal) {
        return signals.send(signal);
    }

    @Override
    public void cancel() {
        ending.complete(new Outcome.Cancelled());
    }

    private static Outcome outcome(ExitStatus status) {
        return switch (status) {
            case ExitStatus.Exited(int code) -> new Outcome.Exited(code);
            case ExitStatus.Signaled(int signal) -> new Outcome.Signaled(signal);
        };
    }

    /**
     * Waits for the first of exit, deadline and cancellation. The leader has ended when this returns, unless it is
     * stuck in the kernel.
     */
    private Outcome awaitEnding() throws InterruptedException {
        timeout.map(Deadline::in).orElseGet(Deadline::unbounded).await(ending);
        ending.complete(new Outcome.TimedOut());
        if (!child.exit().isDone()) {
            stopLeader();
        }
        return ending.join();
    }

    private void stopLeader() throws InterruptedException {
        for (StopPolicy.Step step : stop.steps()) {
            survivorsEnd = Deadline.in(step.grace());
            if (step.signal() == Signals.TERM) {
                signals.terminate();
            } else {
                signals.send(step.signal());
            }
            if (Deadline.in(step.grace()).await(child.exit())) {
                return;
            }
        }
        signals.kill();
        Deadline.in(KILL_WAIT).await(child.exit());
    }

    /**
     * The leader has ended: ends the rest of its group, and gives the pipes, which any descendant may hold, a bounded
     * time to run dry. Others get TERM when the leader has ended by itself, and KILL after the drain bound; when the
     * whole group has got TERM before, they have the rest of its grace. Meanwhile the drains go on.
     *
     * @return false when processes run on, because the kernel refused to kill them
     */
    private boolean sweep() throws InterruptedException {
        long endedNanos = System.nanoTime();
        boolean allEnd = true;
        Deadline drainEnd = Deadline.in(drainBound);
        if (child.hasSurvivors()) {
            if (survivorsEnd == null) {
                survivorsEnd = Deadline.in(drainBound);
                signals.terminate();
            }
            if (!awaitNoSurvivors(survivorsEnd)) {
                boolean killed = signals.kill();
                allEnd = awaitNoSurvivors(Deadline.in(drainBound)) || killed;
            }
        }
        awaitDrained(endedNanos, drainEnd);
        return allEnd;
    }

    /**
     * Waits for the ends of both pipes. After the drain bound it waits only for what the leader itself has
     * written: not for a pipe that some other process holds, be it silent, talking or flooding. A consumer who
     * takes his time has it: what he has not taken yet would be lost.
     */
    private void awaitDrained(long endedNanos, Deadline drainEnd) throws InterruptedException {
        long flood = stdout.total() + stderr.total() + 2 * MAX_PIPE_BYTES;
        AwakeClock clock = AwakeClock.system();
        long slowSince = clock.nanoTime();
        Deadline deadline = drainEnd;
        while (!(stdout.awaitEnd(deadline) && stderr.awaitEnd(deadline))) {
            boolean dry = stdout.isDry(endedNanos) && stderr.isDry(endedNanos);
            long now = clock.nanoTime();
            slowSince = stdout.isHeldUp() || stderr.isHeldUp() ? now : slowSince;
            if (dry || stdout.total() + stderr.total() > flood || now - slowSince > SLOW_DRAIN.toNanos()) {
                return;
            }
            deadline = Deadline.in(DRAIN_CHECK);
        }
    }

    /** Nothing tells when the last member of a group has gone; so it is asked, at growing intervals. */
    private boolean awaitNoSurvivors(Deadline deadline) throws InterruptedException {
        long pauseNanos = 500_000;
        while (child.hasSurvivors()) {
            if (deadline.left() <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.sleep(pauseNanos);
            pauseNanos = Math.min(pauseNanos * 2, 20_000_000);
        }
        return true;
    }

    private Void feed(ChildInput input, StdinSource source) throws InterruptedException {
        try {
            for (ByteBuffer piece = source.next(); piece != null; piece = source.next()) {
                input.write(piece.array(), piece.arrayOffset() + piece.position(), piece.remaining());
            }
            if (source.isComplete()) {
                input.close();
            }
        } catch (IOException e) {
            source.refused();
        } catch (RuntimeException | Error e) {
            cancel(); // the program would wait for its input for ever
            throw e;
        }
        return null;
    }
}
