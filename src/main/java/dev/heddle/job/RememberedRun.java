package dev.heddle.job;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.RefusedException;
import dev.heddle.memory.CommandResult;
import dev.heddle.run.CommandRunner;
import dev.heddle.run.Ticket;
import dev.heddle.time.Cancellation;
import dev.heddle.time.Deadline;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** A run under a {@link RequestId}: whoever asks for it, now or again, gets the one result. */
public final class RememberedRun extends BackgroundRun {
    private Optional<CommandResult> kept = Optional.empty(); // set when it is settled; whoever lets go last closes it
    private final AtomicInteger holders = new AtomicInteger(1); // those who send the result, and Jobs
    private final CompletableFuture<CommandResult> result = new CompletableFuture<>(); // its thread completes it

    RememberedRun(Ticket ticket, Caller caller, Command command, CommandRunner runner) {
        super(ticket, caller, command, runner);
    }

    @Override
    void runCommand() throws RefusedException, InterruptedException {
        result.complete(runner.run(ticket, caller, command, cancellation));
    }

    @Override
    void fail(Throwable failure) {
        result.completeExceptionally(failure);
    }

    /** Completes when it has come to a result, or will not. */
    public CompletableFuture<CommandResult> result() {
        return result;
    }

    boolean hasResult() {
        return result.isDone() && !result.isCompletedExceptionally();
    }

    /** Of any other failure nobody knows how far the command had come. */
    @Override
    boolean hasNotRun() {
        return result.isCompletedExceptionally() && result.exceptionNow() instanceof RefusedException;
    }

    /**
     * Waits for the result, which stays the run's own: it is not to be closed.
     *
     * @return empty when the wait was cancelled
     * @throws RefusedException when nothing could be started, or the server had no room for it
     */
    public Optional<CommandResult> await(Cancellation wait) throws RefusedException, InterruptedException {
        if (!wait.await(result, Deadline.unbounded())) {
            return Optional.empty();
        }
        if (result.isCompletedExceptionally()) {
            throw refusal(result.exceptionNow());
        }
        return Optional.of(result.join());
    }

    @Override
    void settled() {
        command = null; // its stdin may be large
        budget.release(heldBytes);
        heldBytes = 0;
        if (hasResult()) {
            result.join().leaveShare();
            kept = Optional.of(result.join());
        }
    }

    @Override
    long heldBytes() {
        return kept.map(CommandResult::reservedBytes).orElse(0L);
    }

    @Override
    void hold() {
        holders.incrementAndGet();
    }

    public void letGo() {
        if (holders.decrementAndGet() == 0) {
            kept.ifPresent(CommandResult::close);
        }
    }

    @Override
    void discard() {
        letGo();
    }
}
