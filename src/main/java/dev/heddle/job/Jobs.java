package dev.heddle.job;

import dev.heddle.command.RefusedException;
import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.run.Cancellation;
import dev.heddle.run.CommandResult;
import dev.heddle.run.CommandRunner;
import dev.heddle.time.AwakeClock;
import dev.heddle.time.Deadline;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All jobs of a server, and all runs under a {@link RequestId}: starts each on a thread of its own, and remembers
 * what became of it. Safe for use by any threads. One for the whole server, which stops it.
 */
public final class Jobs {
    private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);
    private static final String ID_CHARACTERS = "abcdefghijkmnpqrstuvwxyz23456789"; // none that look alike

    private final CommandRunner runner;
    private final ThreadFactory threads;
    private final String epoch = newEpoch();
    private final AtomicLong count = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition over = lock.newCondition(); // signalled whenever some work has ended
    private final RunRegistry known; // this and all below: guarded by lock
    private final Set<BackgroundRun> underWay = new HashSet<>();
    private boolean stopping;

    public Jobs(CommandRunner runner, ThreadFactory threads, JobLimits limits) {
        this(runner, threads, limits, AwakeClock.system()::nanoTime);
    }

    Jobs(CommandRunner runner, ThreadFactory threads, JobLimits limits, LongSupplier nanoTime) {
        this.runner = runner;
        this.threads = threads;
        known = new RunRegistry(limits, runner.budget(), nanoTime);
    }

    /** Job ids differ from those of the server before: an old one must not hit a new job. */
    private static String newEpoch() {
        SecureRandom random = new SecureRandom();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            text.append(ID_CHARACTERS.charAt(random.nextInt(ID_CHARACTERS.length())));
        }
        return text.toString();
    }

    /**
     * Starts a job, or finds the one that was started under this ID. Blocks until its program runs; an interrupt ends
     * the wait, and the job goes on.
     *
     * @throws RefusedException when the program cannot be started
     * @throws RefusedException when the server has no room for it
     * @throws RefusedException when the ID is known and its job cannot be had
     */
    public Job start(Caller origin, Command command, Optional<RequestId> id)
            throws RefusedException, InterruptedException {
        Job job = (Job) claim(id, () -> new Job(epoch + "-" + count.incrementAndGet(), origin, command, runner));
        try {
            job.awaitStart();
            return job;
        } catch (RefusedException e) {
            awaitSettled(job);
            throw e;
        }
    }

    /** Sends a result, which is not to be closed. */
    public interface Answer {
        void send(CommandResult result) throws IOException;
    }

    /**
     * Runs a command under an ID, or attaches to the run that has it. Blocks until there is a result and it has been
     * sent, or the wait is cancelled or interrupted; the run itself goes on then.
     *
     * @param answer given the result, unless the wait was cancelled; whatever it holds stays counted until it returns
     * @throws IOException as the answer throws it
     * @throws RefusedException when the program cannot be started
     * @throws RefusedException when the server has no room for it
     * @throws RefusedException when the ID is known and its result cannot be had
     */
    public void run(Caller origin, Command command, RequestId id, Cancellation wait, Answer answer)
            throws RefusedException, IOException, InterruptedException {
        RememberedRun run = (RememberedRun) claim(Optional.of(id),
                () -> new RememberedRun(origin, command, runner));
        try {
            Optional<CommandResult> result = run.await(wait);
            if (result.isPresent()) {
                answer.send(result.get());
            }
        } catch (RefusedException e) {
            awaitSettled(run);
            throw e;
        } finally {
            run.letGo();
        }
    }

    /** Who has heard that nothing ran finds no trace of it, and may use the ID again. */
    private void awaitSettled(BackgroundRun work) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (underWay.contains(work)) {
                over.await(); // its thread is about to settle it
            }
        } finally {
            lock.unlock();
        }
    }

    /** The work of this ID, or a new one, which is started. A run is held for the caller, who lets it go. */
    private BackgroundRun claim(Optional<RequestId> id, Supplier<BackgroundRun> maker) throws RefusedException {
        BackgroundRun work;
        lock.lock();
        try {
            Optional<BackgroundRun> found = id.isPresent() ? known.find(id.get()) : Optional.empty();
            if (found.isPresent()) {
                hold(found.get());
                return found.get();
            }
            if (stopping) {
                throw RefusedException.busy("the server is stopping");
            }
            work = maker.get();
            known.add(work, id);
            underWay.add(work);
            hold(work);
        } finally {
            lock.unlock();
        }
        startThread(work);
        return work;
    }

    private static void hold(BackgroundRun work) {
        if (work instanceof RememberedRun run) {
            run.hold();
        }
    }

    /** Others may wait for the work by now, and must not wait for ever. */
    private void startThread(BackgroundRun work) {
        boolean started = false;
        try {
            threads.newThread(() -> execute(work)).start();
            started = true;
        } catch (OutOfMemoryError e) { // only platform threads run out
            LOG.warn("no thread for another command: {}", e.getMessage());
        } finally {
            if (!started) {
                work.refuse(RefusedException.busy("no thread is left for another command"));
                settle(work);
            }
        }
    }

    private void execute(BackgroundRun work) {
        Thread.currentThread().setName(work instanceof Job job ? "job-" + job.id() : "run-by-id");
        try {
            work.run();
        } finally {
            settle(work);
        }
    }

    private void settle(BackgroundRun work) {
        lock.lock();
        try {
            underWay.remove(work);
            over.signalAll();
            known.settle(work);
        } finally {
            lock.unlock();
        }
    }

    /** A job of this user. Those of others do not exist for him. */
    public Optional<Job> find(String user, String id) {
        lock.lock();
        try {
            return known.find(user, id);
        } finally {
            lock.unlock();
        }
    }

    /** The jobs of this user, oldest first. */
    public List<Job> list(String user) {
        lock.lock();
        try {
            return known.list(user);
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
            known.drop(job);
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

    /** From now on nothing new is started. */
    public void refuseNew() {
        lock.lock();
        try {
            stopping = true;
        } finally {
            lock.unlock();
        }
    }

    /** Asks everything that has not ended to end. Does not wait for it. */
    public void cancelAll() {
        List<BackgroundRun> cancelled;
        lock.lock();
        try {
            cancelled = List.copyOf(underWay);
        } finally {
            lock.unlock();
        }
        cancelled.forEach(BackgroundRun::cancel);
    }

    /** Waits until everything has ended; false when the time was up before. An interrupt ends the wait. */
    public boolean awaitIdle(Deadline deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!underWay.isEmpty()) {
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
