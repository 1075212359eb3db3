package dev.heddle.job;

import dev.heddle.command.RefusedException;
import dev.heddle.memory.MemoryBudget;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.LongSupplier;

/**
 * All that clients can ask for: jobs by their own ids, jobs and runs by {@link RequestId}. Keeps what has ended, and
 * drops some of it when there is too much. Not thread-safe: {@link Jobs} guards it by its lock.
 */
final class RunRegistry {
    private final JobLimits limits;
    private final MemoryBudget budget;
    private final RequestIds ids;
    private final SequencedMap<String, Job> jobs = new LinkedHashMap<>(); // by id, oldest first
    private final Map<String, Kept> kept = new HashMap<>(); // what has ended, by user; nobody without any
    private int keptCount;
    private long keptBytes;

    /** @param nanoTime as {@link System#nanoTime()} */
    RunRegistry(JobLimits limits, MemoryBudget budget, LongSupplier nanoTime) {
        this.limits = limits;
        this.budget = budget;
        ids = new RequestIds(limits.idMemory(), budget, nanoTime);
    }

    /**
     * The work of an ID; empty for a new one.
     *
     * @throws RefusedException when the ID is known and its work cannot be had
     */
    Optional<BackgroundRun> find(RequestId id) throws RefusedException {
        return ids.find(id);
    }

    /** Finds a job of this user by its ID, or else the last one that was given this name. */
    Optional<Job> find(String user, String idOrName) {
        Job byId = jobs.get(idOrName);
        return byId != null && byId.user().equals(user) ? Optional.of(byId)
                : jobs.sequencedValues().reversed().stream().filter(job -> job.user().equals(user)
                        && job.name().filter(idOrName::equals).isPresent()).findFirst();
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
     * @throws RefusedException when there is no memory for it, or for another ID
     */
    void add(BackgroundRun work, Optional<RequestId> id) throws RefusedException {
        if (!work.reserve()) {
            dropSurplus(); // nothing else may end for long that would let old ones go
            if (!work.reserve()) {
                throw RefusedException.busy("the memory for jobs is used up, try again later");
            }
        }
        if (id.isPresent() && !ids.add(id.get(), work)) {
            dropSurplus();
            if (!ids.add(id.get(), work)) {
                work.settled();
                work.discard();
                throw RefusedException.busy("the memory for IDs is used up");
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
    void settle(BackgroundRun work) {
        work.settled();
        if (work.hasNotRun()) {
            ids.forget(work);
            if (work instanceof Job job) {
                jobs.remove(job.id());
            }
            work.discard();
            return;
        }
        kept.computeIfAbsent(work.user(), first -> new Kept()).add(work);
        keptCount++;
        keptBytes += work.heldBytes();
        ids.done(work);
        if (work instanceof RememberedRun run && !run.hasResult()) {
            drop(work);
        }
        dropSurplus();
    }

    /** Drops ended work; nothing if it has been dropped before. */
    void drop(BackgroundRun work) {
        Kept of = kept.get(work.user());
        if (of != null && of.works.contains(work)) {
            discard(of, work);
        }
    }

    /**
     * What runs now needs memory too: what has ended gets half of the budget. Whoever has most of what there is too
     * much of loses what ended first: so nobody who has less than others can lose anything because of them.
     */
    private void dropSurplus() {
        while (keptCount > limits.maxKept()) {
            dropOldest(Comparator.comparingLong(of -> of.works.size()));
        }
        while (keptBytes > budget.maxBytes() / 2) {
            dropOldest(Comparator.comparingLong(of -> of.bytes));
        }
        ids.expired().forEach(this::drop);
    }

    private void dropOldest(Comparator<Kept> order) {
        Kept most = kept.values().stream().max(order).orElseThrow(); // something is kept, or there were no surplus
        discard(most, most.works.getFirst());
    }

    private void discard(Kept of, BackgroundRun work) {
        long bytes = work.heldBytes();
        of.works.remove(work);
        of.bytes -= bytes;
        if (of.works.isEmpty()) {
            kept.remove(work.user());
        }
        keptCount--;
        keptBytes -= bytes;
        work.discard();
        ids.gone(work);
        if (work instanceof Job job) {
            jobs.remove(job.id());
        }
    }

    /** What has ended of one user. */
    private static final class Kept {
        private final LinkedHashSet<BackgroundRun> works = new LinkedHashSet<>(); // what ended first comes first
        private long bytes;

        void add(BackgroundRun work) {
            works.add(work);
            bytes += work.heldBytes();
        }
    }
}
