package dev.heddle.job;

import dev.heddle.exec.BusyException;
import dev.heddle.exec.Cancellation;
import dev.heddle.exec.Command;
import dev.heddle.exec.CommandResult;
import dev.heddle.exec.CommandRunner;
import dev.heddle.exec.Origin;
import dev.heddle.process.StartException;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All jobs of a server, and all runs under a {@link RequestId}: starts each on a thread of its own, remembers
 * what became of it, and drops what ended first when there is too much. One for the whole server, which stops
 * it.
 */
public final class Jobs {
    private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);
    private static final String ID_CHARACTERS = "abcdefghijkmnpqrstuvwxyz23456789"; // none that look alike

    private final CommandRunner runner;
    private final ThreadFactory threads;
    private final JobLimits limits;
    private final String epoch = newEpoch();
    private final AtomicLong count = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final RequestIds ids; // this and all below: guarded by lock
    private final Map<String, Job> jobs = new LinkedHashMap<>(); // by id, oldest first
    private final Set<Work> underWay = new HashSet<>();
    private final Set<Work> ended = new LinkedHashSet<>(); // what ended first comes first
    private long endedBytes;
    private boolean stopping;

    public Jobs(CommandRunner runner, ThreadFactory threads, JobLimits limits) {
        this.runner = runner;
        this.threads = threads;
        this.limits = limits;
        ids = new RequestIds(limits.idMemory(), runner.budget());
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
     * Starts a job, or finds the one that was started under this ID. Blocks until its program runs.
     *
     * @throws StartException when the program cannot be started
     * @throws BusyException when the server has no room for it
     * @throws RequestIdException when the ID is known and its job cannot be had
     */
    public Job start(Origin origin, Command command, Optional<RequestId> id)
            throws StartException, BusyException, RequestIdException, InterruptedException {
        Job job = (Job) claim(id, () -> {
            Job added = new Job(epoch + "-" + count.incrementAndGet(), origin, command, runner);
            jobs.put(added.id(), added);
            return added;
        });
        try {
            job.awaitStart();
            return job;
        } catch (StartException | BusyException e) {
            awaitSettled(job);
            throw e;
        }
    }

    /**
     * Runs a command under an ID, or attaches to the run that has it. Blocks until there is a result or the wait
     * is cancelled; the run itself goes on then.
     *
     * @return the result, which the caller must not close; empty when the wait was cancelled
     */
    public Optional<CommandResult> run(Origin origin, Command command, RequestId id, Cancellation wait)
            throws StartException, BusyException, RequestIdException, InterruptedException {
        RememberedRun run = (RememberedRun) claim(Optional.of(id),
                () -> new RememberedRun(origin, command, runner));
        try {
            return run.await(wait);
        } catch (StartException | BusyException e) {
            awaitSettled(run);
            throw e;
        }
    }

    /** Who has heard that nothing ran finds no trace of it, and may use the ID again. */
    private void awaitSettled(Work work) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (underWay.contains(work)) {
                idle.await(); // its thread is about to settle it
            }
        } finally {
            lock.unlock();
        }
    }

    /** The work of this ID, or a new one, which is started. */
    private Work claim(Optional<RequestId> id, Supplier<Work> maker) throws BusyException, RequestIdException {
        Work work;
        lock.lock();
        try {
            Optional<Work> known = id.isPresent() ? ids.find(id.get()) : Optional.empty();
            if (known.isPresent()) {
                return known.get();
            }
            if (stopping) {
                throw new BusyException("the server is stopping");
            }
            if (id.isPresent()) {
                ids.makeRoom();
            }
            work = maker.get();
            id.ifPresent(newId -> ids.add(newId, work));
            underWay.add(work);
        } finally {
            lock.unlock();
        }
        startThread(work);
        return work;
    }

    /** Others may wait for the work by now, and must not wait for ever. */
    private void startThread(Work work) {
        boolean started = false;
        try {
            threads.newThread(() -> execute(work)).start();
            started = true;
        } catch (OutOfMemoryError e) { // only platform threads run out
            LOG.warn("no thread for another command: {}", e.getMessage());
        } finally {
            if (!started) {
                work.refuse(new BusyException("no thread is left for another command"));
                over(work);
            }
        }
    }

    private void execute(Work work) {
        Thread.currentThread().setName(work instanceof Job job ? "job-" + job.id() : "run-by-id");
        try {
            work.run();
        } finally {
            over(work);
        }
    }

    private void over(Work work) {
        lock.lock();
        try {
            underWay.remove(work);
            settle(work);
            idle.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The work has ended: it is kept, unless nothing ran; then the same request may try again. Of a run that has
     * failed on its way only the ID is left.
     */
    private void settle(Work work) {
        if (work.hasNotRun()) {
            ids.forget(work);
            if (work instanceof Job job) {
                jobs.remove(job.id());
                job.discard();
            }
            return;
        }
        ended.add(work);
        endedBytes += work.heldBytes();
        ids.done(work);
        if (work instanceof RememberedRun run && !run.hasResult()) {
            ended.remove(work);
            discard(work);
        }
        dropSurplus();
    }

    /** What runs now needs memory too: what has ended gets half of the budget. */
    private void dropSurplus() {
        Iterator<Work> oldest = ended.iterator();
        while (oldest.hasNext()
                && (ended.size() > limits.maxKept() || endedBytes > runner.budget().maxBytes() / 2)) {
            Work dropped = oldest.next();
            oldest.remove();
            discard(dropped);
        }
        ids.expired().forEach(work -> {
            if (ended.remove(work)) {
                discard(work);
            }
        });
    }

    private void discard(Work work) {
        endedBytes -= work.heldBytes();
        work.discard();
        ids.gone(work);
        if (work instanceof Job job) {
            jobs.remove(job.id());
        }
    }

    /** A job of this user. Those of others do not exist for him. */
    public Optional<Job> find(String user, String id) {
        lock.lock();
        try {
            return Optional.ofNullable(jobs.get(id)).filter(job -> job.user().equals(user));
        } finally {
            lock.unlock();
        }
    }

    /** The jobs of this user, oldest first. */
    public List<Job> list(String user) {
        lock.lock();
        try {
            List<Job> list = new ArrayList<>(jobs.values());
            list.removeIf(job -> !job.user().equals(user));
            return list;
        } finally {
            lock.unlock();
        }
    }

    /** Drops an ended job; false when it has not ended. */
    public boolean remove(Job job) throws InterruptedException {
        if (job.end().isEmpty()) {
            return false;
        }
        lock.lockInterruptibly();
        try {
            awaitSettled(job);
            if (ended.remove(job)) {
                discard(job);
            }
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
        List<Work> cancelled;
        lock.lock();
        try {
            cancelled = List.copyOf(underWay);
        } finally {
            lock.unlock();
        }
        cancelled.forEach(Work::cancel);
    }

    /** Waits until everything has ended; false when the time was up before. */
    public boolean awaitIdle(Duration bound) throws InterruptedException {
        long nanos = bound.toNanos();
        lock.lockInterruptibly();
        try {
            while (!underWay.isEmpty()) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = idle.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
