package dev.heddle.job;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.memory.MemoryBudget;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Which requests were made under which ID. An ID is known while its run is under way or kept, and for a time after: so
 * long its request is never run again.
 *
 * <p><b>Threading:</b> {@link RunRegistry} owns it.
 */
final class RequestIds {
    /** An entry, with its key and its places in both collections; as estimated, and counted in the budget. */
    private static final int ENTRY_BYTES = 512;

    private final long memoryNanos;
    private final MemoryBudget budget;
    private final LongSupplier nanoTime;
    private final Map<Key, Entry> entries = new HashMap<>();
    private final Map<BackgroundRun, Entry> byRun = new HashMap<>();
    private final Queue<Entry> done = new ArrayDeque<>(); // in the order of doneNanos

    private record Key(String user, String token) {
        Key(RequestId id) {
            this(id.user(), id.token());
        }
    }

    private static final class Entry {
        final RequestId id;
        BackgroundRun run; // null when it has been dropped
        long doneNanos;

        Entry(RequestId id, BackgroundRun run) {
            this.id = id;
            this.run = run;
        }
    }

    /** @param nanoTime as {@link System#nanoTime()} */
    RequestIds(Duration memory, MemoryBudget budget, LongSupplier nanoTime) {
        memoryNanos = TimeUnit.NANOSECONDS.convert(memory); // as long as it can count, if it is longer
        this.budget = budget;
        this.nanoTime = nanoTime;
    }

    /**
     * Finds the run of a known ID; empty for a new one.
     *
     * @throws RefusedException when the ID stands for another request, or when its run has been dropped
     */
    Optional<BackgroundRun> find(RequestId id) throws RefusedException {
        Entry entry = entries.get(new Key(id));
        if (entry == null) {
            return Optional.empty();
        }
        if (!entry.id.equals(id)) {
            throw new RefusedException(Refusal.ID_REUSED, "ID '" + id.token() + "' was used for another request");
        }
        if (entry.run == null) {
            throw new RefusedException(Refusal.GONE,
                    "what was run with ID '" + id.token() + "' has ended, and its result has been dropped");
        }
        return Optional.of(entry.run);
    }

    /** Adds a new ID; false when there is no memory for it. */
    boolean add(RequestId id, BackgroundRun run) {
        if (!budget.share(id.user()).tryReserve(ENTRY_BYTES)) {
            return false;
        }
        Entry entry = new Entry(id, run);
        entries.put(new Key(id), entry);
        byRun.put(run, entry);
        return true;
    }

    /** Nothing was run: the ID is as good as new. */
    void forget(BackgroundRun run) {
        Optional.ofNullable(byRun.remove(run)).ifPresent(this::remove);
    }

    private void remove(Entry entry) {
        entries.remove(new Key(entry.id));
        budget.share(entry.id.user()).release(ENTRY_BYTES);
    }

    /** The run has ended; from now on its ID is remembered for a time. */
    void done(BackgroundRun run) {
        Entry entry = byRun.get(run);
        if (entry != null) {
            entry.doneNanos = nanoTime.getAsLong();
            done.add(entry);
        }
    }

    /** The run has been dropped; its ID stays. */
    void gone(BackgroundRun run) {
        Entry entry = byRun.remove(run);
        if (entry != null) {
            entry.run = null;
        }
    }

    /**
     * Forgets the IDs whose time is over, and returns the results that nobody can ask for any more. A job can still be
     * asked for by its own ID: it stays, and the one of its request with it.
     */
    List<BackgroundRun> expired() {
        List<BackgroundRun> unreachable = new ArrayList<>();
        long now = nanoTime.getAsLong();
        while (!done.isEmpty() && now - done.peek().doneNanos > memoryNanos) {
            Entry entry = done.remove();
            if (entry.run instanceof Job) {
                entry.doneNanos = now;
                done.add(entry);
            } else {
                if (entry.run != null) {
                    unreachable.add(entry.run);
                    byRun.remove(entry.run);
                }
                remove(entry);
            }
        }
        return unreachable;
    }
}
