package dev.heddle.job;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.RefusedException;
import dev.heddle.run.CommandRunner;
import dev.heddle.run.Ticket;
import dev.heddle.time.AwakeClock;
import dev.heddle.time.Deadline;
import dev.heddle.time.Guard;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All jobs of a server, and all runs under a {@link RequestId}: starts each on a thread of its own, and remembers what
 * became of it. There is one for the whole server, which stops it.
 *
 * <p><b>Threading:</b> any thread may call any method.
 */
public final class Jobs {
    private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);

    private final CommandRunner runner;
    private final ThreadFactory threads;
    private final Guard claims = new Guard(); // of IDs: the same request may come on two connections at once
    private final Guard lock = new Guard();
    private final Condition over = lock.newCondition(); // signalled whenever a run has ended
    private final RunRegistry registry; // this and all below: guarded by lock
    private final Set<BackgroundRun> underWay = new HashSet<>(); // in the registry, too
    private final Set<Job> streams = new HashSet<>(); // those under way

    public Jobs(CommandRunner runner, ThreadFactory threads, JobLimits limits) {
        this(runner, threads, limits, AwakeClock.system()::nanoTime);
    }

    Jobs(CommandRunner runner, ThreadFactory threads, JobLimits limits, LongSupplier nanoTime) {
        this.runner = runner;
        this.threads = threads;
        registry = new RunRegistry(limits, runner.budget(), nanoTime);
    }

    /**
     * Starts a job, or finds the one that was started under this ID. Does not block: see {@link Job#awaitStart}.
     *
     * @param maxOfUser commands that the caller's user may have at the same time
     * @throws RefusedException when the server has no room for it, or the ID is known and its job cannot be had
     */
    public Job start(Caller caller, Command command, Optional<RequestId> id, OptionalInt maxOfUser)
            throws RefusedException {
        return (Job) claim(caller, command, id, maxOfUser, Job::kept);
    }

    /**
     * Runs a command under an ID, or finds the run that has it. Does not block: see {@link RememberedRun#await}. The
     * run goes on whatever becomes of the wait for its result.
     *
     * @return the run, held for the caller, who lets it go
     * @throws RefusedException when the server has no room for it, or the ID is known and its result cannot be had
     */
    public RememberedRun run(Caller caller, Command command, RequestId id, OptionalInt maxOfUser)
            throws RefusedException {
        return (RememberedRun) claim(caller, command, Optional.of(id), maxOfUser, RememberedRun::new);
    }

    /**
     * Starts a command for one client, with whom it ends: nobody finds it again. Does not block.
     *
     * @return the job, whose log is to be closed by the client
     * @throws RefusedException when the server has no room for it
     */
    public Job stream(Caller caller, Command command, OptionalInt maxOfUser) throws RefusedException {
        Ticket ticket = runner.admit(caller, command, maxOfUser);
        Job job = Job.streamed(ticket, caller, command, runner);
        boolean added = false;
        try (Guard.Held held = lock.hold()) {
            requireGoingOn();
            added = streams.add(job);
        } finally {
            if (!added) {
                ticket.close();
            }
        }
        ticket.whenDecided(() -> startThread(job));
        return job;
    }

    /** Those who wait for the end of all runs may have been told of it. */
    private void requireGoingOn() throws RefusedException {
        if (runner.admission().isStopping()) {
            throw RefusedException.busy("the server is stopping");
        }
    }

    /** Waits until a run that has ended is settled: who has heard that nothing ran finds no trace of it after that. */
    public void awaitSettled(BackgroundRun run) throws InterruptedException {
        try (Guard.Held held = lock.holdInterruptibly()) {
            while (underWay.contains(run)) {
                over.await(); // its thread is about to settle it
            }
        }
    }

    private interface Maker {
        BackgroundRun make(Ticket ticket, Caller caller, Command command, CommandRunner runner);
    }

    /** Finds the run of this ID, or makes one, which starts when it may. It is held for the caller. */
    private BackgroundRun claim(Caller caller, Command command, Optional<RequestId> id, OptionalInt maxOfUser,
                                Maker maker) throws RefusedException {
        if (id.isEmpty()) {
            return make(caller, command, id, maxOfUser, maker);
        }
        try (Guard.Held held = claims.hold()) {
            Optional<BackgroundRun> known = findAndHold(id.get());
            return known.isPresent() ? known.get() : make(caller, command, id, maxOfUser, maker);
        }
    }

    private Optional<BackgroundRun> findAndHold(RequestId id) throws RefusedException {
        try (Guard.Held held = lock.hold()) {
            Optional<BackgroundRun> found = registry.find(id);
            found.ifPresent(BackgroundRun::hold);
            return found;
        }
    }

    /** Admits a command and registers its run. Admission may run actions of others: it is asked without the lock. */
    private BackgroundRun make(Caller caller, Command command, Optional<RequestId> id, OptionalInt maxOfUser,
                               Maker maker) throws RefusedException {
        Ticket ticket = runner.admit(caller, command, maxOfUser);
        BackgroundRun run;
        boolean added = false;
        try (Guard.Held held = lock.hold()) {
            requireGoingOn();
            run = maker.make(ticket, caller, command, runner);
            registry.add(run, id);
            run.hold();
            added = underWay.add(run);
        } finally {
            if (!added) {
                ticket.close();
            }
        }
        ticket.whenDecided(() -> startThread(run));
        return run;
    }

    /** Others may wait for the run by now, and must not wait for ever. */
    private void startThread(BackgroundRun run) {
        boolean started = false;
        try {
            threads.newThread(() -> execute(run)).start();
            started = true;
        } catch (OutOfMemoryError e) { // only platform threads run out
            LOG.warn("no thread for another command: {}", e.getMessage());
        } finally {
            if (!started) {
                run.refuse(RefusedException.busy("no thread is left for another command"));
                settle(run);
            }
        }
    }

    private void execute(BackgroundRun run) {
        Thread.currentThread().setName("command-" + run.id());
        try {
            run.run();
        } finally {
            settle(run);
        }
    }

    private void settle(BackgroundRun run) {
        try (Guard.Held held = lock.hold()) {
            if (!streams.remove(run)) {
                underWay.remove(run);
                registry.settle(run);
            }
            over.signalAll();
        }
    }

    /** Finds a job of this user by its ID or name; those of others do not exist for them. */
    public Optional<Job> find(String user, String idOrName) {
        try (Guard.Held held = lock.hold()) {
            return registry.find(user, idOrName);
        }
    }

    /** The jobs of this user, oldest first. */
    public List<Job> list(String user) {
        try (Guard.Held held = lock.hold()) {
            return registry.list(user);
        }
    }

    /** Drops an ended job; false when it has not ended. Does not block for longer than a job takes to be settled. */
    public boolean remove(Job job) throws InterruptedException {
        if (job.end().isEmpty()) {
            return false;
        }
        try (Guard.Held held = lock.holdInterruptibly()) {
            awaitSettled(job);
            registry.drop(job);
            return true;
        }
    }

    /** How many jobs and runs with an ID have not ended. */
    public int running() {
        try (Guard.Held held = lock.hold()) {
            return underWay.size();
        }
    }

    /** Asks everything that has not ended to end. Does not wait for it. */
    public void cancelAll() {
        List<BackgroundRun> cancelled;
        try (Guard.Held held = lock.hold()) {
            cancelled = new ArrayList<>(underWay);
            cancelled.addAll(streams);
        }
        cancelled.forEach(BackgroundRun::cancel);
    }

    /** Waits until all jobs and runs with an ID have ended; false when the time was up before. */
    public boolean awaitBackground(Deadline deadline) throws InterruptedException {
        return await(underWay::isEmpty, deadline);
    }

    /** Waits until everything has ended, streams too; false when the time was up before. */
    public boolean awaitIdle(Deadline deadline) throws InterruptedException {
        return await(() -> underWay.isEmpty() && streams.isEmpty(), deadline);
    }

    private boolean await(BooleanSupplier condition, Deadline deadline) throws InterruptedException {
        try (Guard.Held held = lock.holdInterruptibly()) {
            while (!condition.getAsBoolean()) {
                if (deadline.left() <= 0) {
                    return false;
                }
                deadline.await(over);
            }
            return true;
        }
    }
}
