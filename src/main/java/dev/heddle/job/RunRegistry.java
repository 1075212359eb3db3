package dev.heddle.job;

import dev.heddle.command.RefusedException;
import dev.heddle.memory.MemoryBudget;

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
 * All that clients can ask for: jobs by their own IDs, jobs and runs by {@link RequestId}. Keeps what has ended, and
 * drops some of it when there is too much.
 *
 * <p><b>Threading:</b> {@link Jobs} guards it by its lock.
 */
final class RunRegistry {
    private final JobLimits limits;
    private final MemoryBudget budget;
    private final RequestIds ids;
    private final SequencedMap<String, Job> jobs = new LinkedHashMap<>(); // by ID, oldest first
    private final Map<String, Kept> kept = new HashMap<>(); // what has ended, by user; nobody without any
    private int keptCount;
    private long keptBytes;

    /** What has ended of one user. */
    private static final class Kept {
        final LinkedHashSet<BackgroundRun> runs = new LinkedHashSet<>(); // what ended first comes first
        long bytes;
    }

    /** @param nanoTime as {@link System#nanoTime()} */
    RunRegistry(JobLimits limits, MemoryBudget budget, LongSupplier nanoTime) {
        this.limits = limits;
        this.budget = budget;
        ids = new RequestIds(limits.idMemory(), budget, nanoTime);
    }

    /**
     * Finds the run of an ID; empty for a new one.
     *
     * @throws RefusedException when the ID is known and its run cannot be had
     */
    Optional<BackgroundRun> find(RequestId id) throws RefusedException {
        return ids.find(id);
    }

    /** Finds a job of this user by its ID, or else the last one that was given this name. */
    Optional<Job> find(String user, String idOrName) {
        return Optional.ofNullable(jobs.get(idOrName)).filter(job -> job.user().equals(user))
                .or(() -> list(user).reversed().stream()
                        .filter(job -> job.name().filter(idOrName::equals).isPresent()).findFirst());
    }

    /** The jobs of this user, oldest first. */
    List<Job> list(String user) {
        return jobs.values().stream().filter(job -> job.user().equals(user)).toList();
    }

    /**
     * Adds a run that is about to be started, under a new ID or none.
     *
     * @throws RefusedException when there is no memory for it, or for another ID
     */
    void add(BackgroundRun run, Optional<RequestId> id) throws RefusedException {
        if (!run.reserve()) {
            dropSurplus(); // nothing else may end for long that would let old ones go
            if (!run.reserve()) {
                throw RefusedException.busy("the memory for jobs is used up, try again later");
            }
        }
        if (id.isPresent() && !ids.add(id.get(), run)) {
            dropSurplus();
            if (!ids.add(id.get(), run)) {
                run.settled();
                run.discard();
                throw RefusedException.busy("the memory for IDs is used up");
            }
        }
        if (run instanceof Job job) {
            jobs.put(job.id(), job);
        }
    }

    /**
     * The run has ended: it is kept, unless nothing ran; then the same request may try again. Of a run that has failed
     * on its way only the ID is left.
     */
    void settle(BackgroundRun run) {
        run.settled();
        if (run.hasNotRun()) {
            ids.forget(run);
            jobs.remove(run.id());
            run.discard();
            return;
        }
        Kept of = kept.computeIfAbsent(run.user(), first -> new Kept());
        of.runs.add(run);
        of.bytes += run.heldBytes();
        keptCount++;
        keptBytes += run.heldBytes();
        ids.done(run);
        if (run instanceof RememberedRun remembered && !remembered.hasResult()) {
            drop(run);
        }
        dropSurplus();
    }

    /** Drops an ended run; nothing if it has been dropped before. */
    void drop(BackgroundRun run) {
        Kept of = kept.get(run.user());
        if (of != null && of.runs.contains(run)) {
            discard(of, run);
        }
    }

    /**
     * What runs now needs memory too: what has ended gets half of the budget. Whoever has most of what there is too
     * much of loses what ended first: so nobody who has less than others can lose anything because of them.
     */
    private void dropSurplus() {
        while (keptCount > limits.maxKept()) {
            dropOldest(Comparator.comparingLong(of -> of.runs.size()));
        }
        while (keptBytes > budget.maxBytes() / 2) {
            dropOldest(Comparator.comparingLong(of -> of.bytes));
        }
        ids.expired().forEach(this::drop);
    }

    private void dropOldest(Comparator<Kept> order) {
        Kept most = kept.values().stream().max(order).orElseThrow(); // something is kept, or there were no surplus
        discard(most, most.runs.getFirst());
    }

    private void discard(Kept of, BackgroundRun run) {
        long bytes = run.heldBytes();
        of.runs.remove(run);
        of.bytes -= bytes;
        if (of.runs.isEmpty()) {
            kept.remove(run.user());
        }
        keptCount--;
        keptBytes -= bytes;
        run.discard();
        ids.gone(run);
        jobs.remove(run.id());
    }
}
