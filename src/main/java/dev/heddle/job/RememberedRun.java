package dev.heddle.job;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.RefusedException;
import dev.heddle.memory.CommandResult;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.run.CommandRunner;
import dev.heddle.run.Ticket;
import dev.heddle.time.Cancellation;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A run under a {@link RequestId}: whoever asks for it, now or again, gets the one result. */
public final class RememberedRun implements BackgroundRun {
    private static final Logger LOG = LoggerFactory.getLogger(RememberedRun.class);

    /** The objects of a run besides its words and its output, about. */
    private static final int OBJECT_BYTES = 1024;

    private final Ticket ticket; // closed by the run
    private final Caller caller;
    private final CommandRunner runner;
    private final MemoryBudget share;
    private final Cancellation cancellation = new Cancellation();
    private Command command; // until it has run; its stdin may be large
    private long heldBytes; // besides the result, until it is settled; guarded by the lock of Jobs
    private Optional<CommandResult> kept = Optional.empty(); // set when it is settled; whoever lets go last closes it
    private final AtomicInteger holders = new AtomicInteger(1); // those who send the result, and Jobs
    private final CompletableFuture<CommandResult> result = new CompletableFuture<>(); // its thread completes it

    RememberedRun(Ticket ticket, Caller caller, Command command, CommandRunner runner) {
        this.ticket = ticket;
        this.caller = caller;
        this.command = command;
        this.runner = runner;
        share = runner.budget().share(caller.user());
    }

    @Override
    public String id() {
        return ticket.id();
    }

    @Override
    public String user() {
        return caller.user();
    }

    @Override
    public boolean reserve() {
        heldBytes = OBJECT_BYTES + command.heldBytes();
        if (!share.tryReserve(heldBytes)) {
            heldBytes = 0;
            return false;
        }
        return true;
    }

    @Override
    public void run() {
        try {
            result.complete(runner.run(ticket, caller, command, cancellation));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            result.completeExceptionally(e);
        } catch (RefusedException e) {
            result.completeExceptionally(e);
        } catch (RuntimeException | Error e) {
            LOG.error("a run with an ID has failed", e); // perhaps nobody waits for it any more
            result.completeExceptionally(e);
        }
    }

    @Override
    public void refuse(RefusedException reason) {
        ticket.close();
        result.completeExceptionally(reason);
    }

    /** Completes when it has come to a result, or will not. */
    public CompletableFuture<CommandResult> result() {
        return result;
    }

    /** Whether it came to a result. */
    boolean hasResult() {
        return result.isDone() && !result.isCompletedExceptionally();
    }

    /** Of any other failure nobody knows how far the command had come. */
    @Override
    public boolean hasNotRun() {
        return result.isDone() && result.handle((value, failure) -> failure instanceof RefusedException).join();
    }

    /**
     * Waits for the result, which stays the work's own: it is not to be closed.
     *
     * @return empty when the wait was cancelled
     * @throws RefusedException when nothing could be started, or the server had no room for it
     */
    public Optional<CommandResult> await(Cancellation wait) throws RefusedException, InterruptedException {
        CompletableFuture<Void> over = new CompletableFuture<>();
        try (Cancellation.Listening listening = wait.whenCancelled(() -> over.complete(null))) {
            CompletableFuture.anyOf(result, over).get();
            return result.isDone() ? Optional.of(result.get()) : Optional.empty();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RefusedException refused -> throw refused.again();
                case Throwable other -> throw new IllegalStateException("a run has failed", other);
            }
        } finally {
            over.complete(null); // so that nothing of this wait stays with the run
        }
    }

    @Override
    public void cancel() {
        cancellation.cancel();
        ticket.withdraw(); // while it waits nobody listens to the cancellation
    }

    @Override
    public void settled() {
        command = null;
        share.release(heldBytes);
        heldBytes = 0;
        if (hasResult()) {
            result.join().leaveShare();
            kept = Optional.of(result.join());
        }
    }

    @Override
    public long heldBytes() {
        return kept.map(CommandResult::reservedBytes).orElse(0L);
    }

    /** Somebody is going to send the result: its memory stays in use until {@link #letGo}, whoever drops it before. */
    void hold() {
        holders.incrementAndGet();
    }

    public void letGo() {
        if (holders.decrementAndGet() == 0) {
            kept.ifPresent(CommandResult::close);
        }
    }

    @Override
    public void discard() {
        letGo();
    }
}
