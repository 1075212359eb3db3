package dev.heddle.job;

import dev.heddle.command.RefusedException;
import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.run.CommandRunner;
import dev.heddle.run.Ticket;
import dev.heddle.time.AwakeClock;
import dev.heddle.time.Deadline;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All jobs of a server, and all runs under a {@link RequestId}: starts each on a thread of its own, and remembers
 * what became of it. Safe for use by any threads. One for the whole server, which stops it.
 */
public final class Jobs {
    private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);

    private final CommandRunner runner;
    private final ThreadFactory threads;
    private final ReentrantLock lock = new ReentrantLock();
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
    public Job start(Caller caller, Command command, Optional<RequestId> id, OptionalInt maxOfUser) throws RefusedException {
        return (Job) claim(id, () -> runner.admit(caller, command, maxOfUser),
                ticket -> Job.kept(ticket, caller, command, runner));
    }

    /**
     * Starts a command for one client, with whom it ends: nobody finds it again. Does not block.
     *
     * @param maxOfUser commands that the caller's user may have at the same time
     * @return the job, whose log is to be closed by the client
     * @throws RefusedException when the server has no room for it
     */
    public Job stream(Caller caller, Command command, OptionalInt maxOfUser)
            throws RefusedException {
        Ticket ticket = runner.admit(caller, command, maxOfUser);
        Job job = Job.streamed(ticket, caller, command, runner);
        boolean added = false;
        lock.lock();
        try {
            requireGoingOn();
            streams.add(job);
            added = true;
        } finally {
            lock.unlock();
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

    /**
     * Runs a command under an ID, or finds the run that has it. Does not block: see {@link RememberedRun#await}. The
     * run goes on whatever becomes of the wait for its result.
     *
     * @param maxOfUser commands that the caller's user may have at the same time
     * @return the run, held for the caller, who lets it go
     * @throws RefusedException when the server has no room for it, or the ID is known and its result cannot be had
     */
    public RememberedRun run(Caller caller, Command command, RequestId id, OptionalInt maxOfUser) throws RefusedException {
        return (RememberedRun) claim(Optional.of(id), () -> runner.admit(caller, command, maxOfUser),
                ticket -> new RememberedRun(ticket, caller, command, runner));
    }

    /**
     * Waits until a run that has ended is settled: a caller who has heard that nothing ran finds no trace of it, and may
     * use the ID again.
     */
    public void awaitSettled(BackgroundRun run) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (underWay.contains(run)) {
                over.await(); // its thread is about to settle it
            }
        } finally {
            lock.unlock();
        }
    }

    /** Asks for the admission of a new run. */
    private interface Admitting {
        Ticket admit() throws RefusedException;
    }

    /** Finds the run of this ID, or makes one, which starts when it may. One with a result is held for the caller. */
    private BackgroundRun claim(Optional<RequestId> id, Admitting admitting, Function<Ticket, BackgroundRun> maker)
            throws RefusedException {
        Optional<BackgroundRun> known = findAndHold(id);
        if (known.isPresent()) {
            return known.get();
        }
        Ticket ticket = admitting.admit(); // without the lock: others may be told that they have to wait no more
        BackgroundRun run;
        boolean added = false;
        lock.lock();
        try {
            known = findAndHold(id); // the same request may have come on another connection
            if (known.isPresent()) {
                return known.get();
            }
            requireGoingOn();
            run = maker.apply(ticket);
            registry.add(run, id);
            underWay.add(run);
            hold(run);
            added = true;
        } finally {
            lock.unlock();
            if (!added) {
                ticket.close();
            }
        }
        ticket.whenDecided(() -> startThread(run));
        return run;
    }

    private Optional<BackgroundRun> findAndHold(Optional<RequestId> id) throws RefusedException {
        if (id.isEmpty()) {
            return Optional.empty();
        }
        lock.lock();
        try {
            Optional<BackgroundRun> found = registry.find(id.get());
            found.ifPresent(Jobs::hold);
            return found;
        } finally {
            lock.unlock();
        }
    }

    private static void hold(BackgroundRun run) {
        if (run instanceof RememberedRun remembered) {
            remembered.hold();
        }
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
        lock.lock();
        try {
            if (!streams.remove(run)) {
                underWay.remove(run);
                registry.settle(run);
            }
            over.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A job of this user. Those of others do not exist for him. */
    public Optional<Job> find(String user, String id) {
        lock.lock();
        try {
            return registry.find(user, id);
        } finally {
            lock.unlock();
        }
    }

    /** The jobs of this user, oldest first. */
    public List<Job> list(String user) {
        lock.lock();
        try {
            return registry.list(user);
        } finally {
            lock.unlock();
        }
    }

    /** Drops an ended job; false when it has not ended. Does not block for longer than a job takes to be settled. */
    public boolean remove(Job job) throws InterruptedException {
        if (job.end().isEmpty()) {
            return false;
        }
        lock.lockInterruptibly();
        try {
            awaitSettled(job);
            registry.drop(job);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** How many jobs and runs with an ID have not ended. */
    public int running() {
        lock.lock();
        try {
            return underWay.size();
        } finally {
            lock.unlock();
        }
    }

    /** Asks everything that has not ended to end. Does not wait for it. */
    public void cancelAll() {
        List<BackgroundRun> cancelled;
        lock.lock();
        try {
            cancelled = new ArrayList<>(underWay);
            cancelled.addAll(streams);
        } finally {
            lock.unlock();
        }
        cancelled.forEach(BackgroundRun::cancel);
    }

    /** Waits until everything has ended; false when the time was up before. An interrupt ends the wait. */
    public boolean awaitIdle(Deadline deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!underWay.isEmpty() || !streams.isEmpty()) {
                long left = deadline.left();
                if (left <= 0) {
                    return false;
                }
                over.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
