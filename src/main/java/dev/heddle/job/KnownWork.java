package dev.heddle.job;

import dev.heddle.exec.BusyException;
import dev.heddle.exec.MemoryBudget;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * All that clients can ask for: jobs by their own ids, jobs and runs by {@link RequestId}. Keeps what has ended, and
 * drops what ended first when there is too much. Not thread-safe: {@link Jobs} guards it by its lock.
 */
final class KnownWork {
    private final JobLimits limits;
    private final MemoryBudget budget;
    private final RequestIds ids;
    private final Map<String, Job> jobs = new LinkedHashMap<>(); // by id, oldest first
    private final Set<Work> ended = new LinkedHashSet<>(); // what ended first comes first
    private long endedBytes;

    /** @param nanoTime as {@link System#nanoTime()} */
    KnownWork(JobLimits limits, MemoryBudget budget, LongSupplier nanoTime) {
        this.limits = limits;
        this.budget = budget;
        ids = new RequestIds(limits.idMemory(), budget, nanoTime);
    }

    /**
     * The work of an ID; empty for a new one.
     *
     * @throws RequestIdException when the ID is known and its work cannot be had
     */
    Optional<Work> find(RequestId id) throws RequestIdException {
        return ids.find(id);
    }

    /** A job of this user. */
    Optional<Job> find(String user, String id) {
        return Optional.ofNullable(jobs.get(id)).filter(job -> job.user().equals(user));
    }

    /** The jobs of this user, oldest first. */
    List<Job> list(String user) {
        List<Job> list = new ArrayList<>(jobs.values());
        list.removeIf(job -> !job.user().equals(user));
        return list;
    }

    /**
     * Adds work that is about to be started, under a new ID or none.
     *
     * @throws BusyException when there is no memory for another ID
     */
    void add(Work work, Optional<RequestId> id) throws BusyException {
        if (id.isPresent() && !ids.add(id.get(), work)) {
            dropSurplus(); // nothing else may end for long that would let old ones go
            if (!ids.add(id.get(), work)) {
                throw new BusyException("the memory for IDs is used up");
            }
        }
        if (work instanceof Job job) {
            jobs.put(job.id(), job);
        }
    }

    /**
     * The work has ended: it is kept, unless nothing ran; then the same request may try again. Of a run that has
     * failed on its way only the ID is left.
     */
    void settle(Work work) {
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
            drop(work);
        }
        dropSurplus();
    }

    /** Drops ended work; nothing if it has been dropped before. */
    void drop(Work work) {
        if (ended.remove(work)) {
            discard(work);
        }
    }

    /** What runs now needs memory too: what has ended gets half of the budget. */
    private void dropSurplus() {
        Iterator<Work> oldest = ended.iterator();
        while (oldest.hasNext() && (ended.size() > limits.maxKept() || endedBytes > budget.maxBytes() / 2)) {
            Work dropped = oldest.next();
            oldest.remove();
            discard(dropped);
        }
        ids.expired().forEach(this::drop);
    }

    private void discard(Work work) {
        endedBytes -= work.heldBytes();
        work.discard();
        ids.gone(work);
        if (work instanceof Job job) {
            jobs.remove(job.id());
        }
    }
}
