package dev.heddle.job;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.RefusedException;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.run.CommandRunner;
import dev.heddle.run.Ticket;
import dev.heddle.time.Cancellation;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A command that goes on without the client that asked for it. {@link Jobs} starts it, keeps it and drops it. */
public abstract sealed class BackgroundRun permits Job, RememberedRun {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundRun.class);

    /** The objects of a run besides its words and its output, about. */
    static final int OBJECT_BYTES = 1024;

    final Ticket ticket; // closed by the run
    final Caller caller;
    final CommandRunner runner;
    final Cancellation cancellation = new Cancellation();
    volatile Command command; // once it is settled what is left of it; written under the lock of Jobs
    long heldBytes; // besides the output; guarded by the lock of Jobs, as the next one
    MemoryBudget budget; // where these are reserved

    BackgroundRun(Ticket ticket, Caller caller, Command command, CommandRunner runner) {
        this.ticket = ticket;
        this.caller = caller;
        this.command = command;
        this.runner = runner;
        budget = runner.budget().share(caller.user());
    }

    /** The command's ID. */
    public String id() {
        return ticket.id();
    }

    /** Whose it is. */
    String user() {
        return caller.user();
    }

    /** Runs the command to its end, on a thread of its own. */
    void run() {
        try {
            runCommand();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(e);
        } catch (RefusedException e) {
            fail(e);
        } catch (RuntimeException | Error e) {
            LOG.error("the background command {} has failed", id(), e); // perhaps nobody waits for it any more
            fail(e);
        }
    }

    abstract void runCommand() throws RefusedException, InterruptedException;

    /** It is over without a result. */
    abstract void fail(Throwable failure);

    /** Instead of the run, for which there is no room. */
    void refuse(RefusedException reason) {
        ticket.close();
        fail(reason);
    }

    /** Returns what to throw at those who wait for it. */
    RefusedException refusal(Throwable failure) {
        return switch (failure) {
            case RefusedException refused -> refused.again();
            case Throwable other -> throw new IllegalStateException("the command " + id() + " has failed", other);
        };
    }

    /** Asks the command to end. */
    public void cancel() {
        cancellation.cancel();
        ticket.withdraw(); // while it waits nobody listens to the cancellation
    }

    /** Counts what it holds from now on: words, stdin and so on, besides the output. False when there is no room. */
    boolean reserve() {
        long bytes = OBJECT_BYTES + command.heldBytes();
        boolean reserved = budget.tryReserve(bytes);
        heldBytes = reserved ? bytes : 0;
        return reserved;
    }

    /** Somebody is going to send the result, which stays in memory until then, whoever drops it before. */
    abstract void hold();

    /** It is over: what nobody will ask for any more is given back, and the rest is not counted as its user's. */
    abstract void settled();

    /** Whether it is over without anything having run, so that it may be asked for again. */
    abstract boolean hasNotRun();

    /** What it holds in memory once it is settled. */
    abstract long heldBytes();

    /** Gives that memory back. */
    abstract void discard();
}
