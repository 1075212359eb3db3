package dev.heddle.job;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.CommandEnd;
import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.command.SignalOutcome;
import dev.heddle.memory.OutputLog;
import dev.heddle.process.ChildOutput;
import dev.heddle.run.CommandRunner;
import dev.heddle.run.CommandStreams;
import dev.heddle.run.RunningCommand;
import dev.heddle.run.StdinSource;
import dev.heddle.run.Ticket;
import dev.heddle.time.Cancellation;
import dev.heddle.time.Deadline;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A command that was started to be looked at later, from any connection of its user: its log, its stdin, its end.
 * It runs on a thread of its own, and {@link Jobs} keeps it for a while after its end.
 */
public final class Job extends BackgroundRun {
    private final boolean stdinGiven;
    private final OutputLog log;
    private final PendingInput input;
    private final Instant requested;
    private final long requestedNanos = System.nanoTime();
    private final CompletableFuture<Instant> started = new CompletableFuture<>(); // fails if it cannot be started
    private final CompletableFuture<CommandEnd> end = new CompletableFuture<>(); // when its log is complete
    private volatile RunningCommand running; // from the start, by the job's thread, until it is settled
    private volatile Instant ended; // by the job's thread, before the end

    /** A job that is found again: its log keeps what the command's limits say. */
    static Job kept(Ticket ticket, Caller caller, Command command, CommandRunner runner) {
        return new Job(ticket, caller, command, runner, OutputLog.keeping(command.output().maxBytes(),
                runner.budget().share(caller.user())), InstantSource.system());
    }

    /** A job for one client, who gets all of its output and slows it down by reading slowly; it ends with them. */
    static Job streamed(Ticket ticket, Caller caller, Command command, CommandRunner runner) {
        return new Job(ticket, caller, command, runner,
                OutputLog.passing(runner.budget().share(caller.user())), InstantSource.system());
    }

    /** @param wallClock is looked at once */
    Job(Ticket ticket, Caller caller, Command command, CommandRunner runner, OutputLog log, InstantSource wallClock) {
        super(ticket, caller, command, runner);
        requested = wallClock.instant();
        stdinGiven = command.stdin().isPresent();
        this.log = log;
        input = new PendingInput(budget);
    }

    @Override
    void runCommand() throws RefusedException, InterruptedException {
        finish(runner.run(ticket, caller, command, new Streams(), cancellation));
    }

    /** In this order: who sees the end finds the log complete. */
    private void finish(CommandEnd howItEnded) {
        ended = now();
        started.complete(ended); // if it was cancelled before
        log.finish(howItEnded);
        end.complete(howItEnded);
    }

    /** By the monotonic clock: the host's wall clock may be set meanwhile, and a job must not end before its start. */
    private Instant now() {
        return requested.plusNanos(System.nanoTime() - requestedNanos);
    }

    @Override
    void fail(Throwable failure) {
        started.completeExceptionally(failure);
        finish(CommandEnd.NEVER_STARTED);
    }

    @Override
    boolean hasNotRun() {
        return !hasStarted();
    }

    /** Whether its program was started, or its client asked for its end before; only then it is kept. */
    private boolean hasStarted() {
        return started.isDone() && !started.isCompletedExceptionally();
    }

    /** Runs an action once it is decided whether the program may be started, see {@link Ticket#whenDecided}. */
    public void whenDecided(Runnable action) {
        ticket.whenDecided(action);
    }

    /** Whether its program was started. */
    public boolean hasProcess() {
        return running != null;
    }

    /** @throws RefusedException when it has come to an end without having run */
    public void requireStarted() throws RefusedException {
        if (started.isCompletedExceptionally()) {
            throw refusal(started.exceptionNow());
        }
    }

    /** Completes when the program runs, or will not. */
    public CompletableFuture<Instant> started() {
        return started;
    }

    /**
     * Waits until the program runs; false when the wait was cancelled.
     *
     * @throws RefusedException when it could not be started, or the server had no room for it
     */
    public boolean awaitStart(Cancellation wait) throws RefusedException, InterruptedException {
        boolean decided = wait.await(started, Deadline.unbounded());
        requireStarted();
        return decided;
    }

    private final class Streams implements CommandStreams {
        @Override
        public void started(RunningCommand command) {
            running = command;
            started.complete(now());
        }

        @Override
        public ChildOutput.Sink stdout() {
            return sink(OutputLog.STDOUT);
        }

        @Override
        public ChildOutput.Sink stderr() {
            return sink(OutputLog.STDERR);
        }

        private ChildOutput.Sink sink(int stream) {
            return new ChildOutput.Sink() {
                @Override
                public void awaitRoom() throws InterruptedException {
                    log.awaitRoom();
                }

                @Override
                public int room() {
                    return log.room();
                }

                @Override
                public void accept(ByteBuffer bytes) {
                    log.append(stream, bytes);
                }
            };
        }

        @Override
        public Optional<StdinSource> stdin() {
            return command.stdin().isEmpty() ? Optional.of(input)
                    : command.stdin().filter(given -> given.length() > 0).map(StdinSource::of);
        }
    }

    /** The name that the client has given to it. */
    public Optional<String> name() {
        return ticket.name();
    }

    public Command command() {
        return command;
    }

    public OutputLog log() {
        return log;
    }

    /** Whether clients may write to its stdin: not if it was given with the command. */
    public boolean takesInput() {
        return !stdinGiven;
    }

    /** Writes to the job's stdin, see {@link PendingInput#write}. */
    public long write(long offset, byte[] bytes, Duration maxWait, Cancellation wait)
            throws RefusedException, InterruptedException {
        if (stdinGiven) {
            throw new RefusedException(Refusal.WRONG_STATE, "the job's stdin came with it");
        }
        return input.write(offset, bytes, maxWait, wait);
    }

    /** What the program is still to read, unless its stdin was given with the command. */
    public PendingInput input() {
        return input;
    }

    /** When the program started, or, before that, when it was asked for. */
    public Instant begun() {
        return hasStarted() ? started.join() : requested;
    }

    /** When the job ended, which is as long after its start as it ran; empty while it runs. */
    public Optional<Instant> ended() {
        return end().map(how -> ended);
    }

    /** How the job ended; empty while it runs. Those who read the log to its end may ask before others are told. */
    public Optional<CommandEnd> end() {
        return log.end();
    }

    /** Waits for the end, at most so long and not once the wait is cancelled; empty if it has not come. */
    public Optional<CommandEnd> awaitEnd(Duration maxWait, Cancellation wait) throws InterruptedException {
        wait.await(end, Deadline.in(maxWait));
        return end();
    }

    /** Sends a signal to the whole process group. There is no process before the start, nor after the end. */
    public SignalOutcome signal(int signal) {
        RunningCommand process = running;
        return process == null || end().isPresent() ? SignalOutcome.NO_PROCESS : process.signal(signal);
    }

    @Override
    void hold() {
        // Its log is kept until it is dropped, and a reader holds what they send.
    }

    @Override
    void settled() {
        command = command.ended();
        running = null; // it knows the child, and so buffers of its pipes
        long left = OBJECT_BYTES + command.heldBytes();
        budget.release(heldBytes - left);
        budget = budget.leaveShare(left);
        heldBytes = left;
        log.leaveShare();
    }

    @Override
    long heldBytes() {
        return log.reservedBytes() + heldBytes;
    }

    @Override
    void discard() {
        budget.release(heldBytes);
        heldBytes = 0;
        log.close();
        input.close();
    }
}
