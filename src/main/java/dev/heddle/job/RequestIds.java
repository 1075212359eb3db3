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
 * Which requests were made under which ID. An ID is known while its work is under way or kept, and for a time
 * after: so long its request is never run again. Not thread-safe: {@link RunRegistry} owns it.
 */
final class RequestIds {
    /** An entry, with its key and its places in both collections; as estimated, and counted in the budget. */
    private static final int ENTRY_BYTES = 512;

    private final long memoryNanos;
    private final MemoryBudget budget;
    private final LongSupplier nanoTime;
    private final Map<Key, Entry> entries = new HashMap<>();
    private final Map<BackgroundRun, Entry> byWork = new HashMap<>();
    private final Queue<Entry> done = new ArrayDeque<>(); // in the order of doneNanos

    private record Key(String user, String token) {}

    private static final class Entry {
        final RequestId id;
        BackgroundRun work; // null when it has been dropped
        long doneNanos;

        Entry(RequestId id, BackgroundRun work) {
            this.id = id;
            this.work = work;
        }
    }

    /** @param nanoTime as {@link System#nanoTime()} */
    RequestIds(Duration memory, MemoryBudget budget, LongSupplier nanoTime) {
        memoryNanos = TimeUnit.NANOSECONDS.convert(memory); // as long as it can count, if it is longer
        this.budget = budget;
        this.nanoTime = nanoTime;
    }

    /**
     * The work of a known ID; empty for a new one.
     *
     * @throws RefusedException when the ID stands for another request, or when its work has been dropped
     */
    Optional<BackgroundRun> find(RequestId id) throws RefusedException {
        Entry entry = entries.get(new Key(id.user(), id.token()));
        if (entry == null) {
            return Optional.empty();
        }
        if (!entry.id.equals(id)) {
            throw new RefusedException(Refusal.ID_REUSED,
                    "ID '" + id.token() + "' was used for another request");
        }
        if (entry.work == null) {
            throw new RefusedException(Refusal.GONE,
                    "what was run with ID '" + id.token() + "' has ended, and its result has been dropped");
        }
        return Optional.of(entry.work);
    }

    /** Adds a new ID; false when there is no memory for it. */
    boolean add(RequestId id, BackgroundRun work) {
        if (!budget.share(id.user()).tryReserve(ENTRY_BYTES)) {
            return false;
        }
        Entry entry = new Entry(id, work);
        entries.put(new Key(id.user(), id.token()), entry);
        byWork.put(work, entry);
        return true;
    }

    /** Nothing was run: the ID is as good as new. */
    void forget(BackgroundRun work) {
        Entry entry = byWork.remove(work);
        if (entry != null) {
            remove(entry);
        }
    }

    private void remove(Entry entry) {
        entries.remove(new Key(entry.id.user(), entry.id.token()));
        budget.share(entry.id.user()).release(ENTRY_BYTES);
    }

    /** The work has ended; from now on its ID is remembered for a time. */
    void done(BackgroundRun work) {
        Entry entry = byWork.get(work);
        if (entry != null) {
            entry.doneNanos = nanoTime.getAsLong();
            done.add(entry);
        }
    }

    /** The work has been dropped; its ID stays. */
    void gone(BackgroundRun work) {
        Entry entry = byWork.remove(work);
        if (entry != null) {
            entry.work = null;
        }
    }

    /**
     * Forgets the IDs whose time is over, and returns the results that nobody can ask for any more. A job can
     * still be asked for by its own id: it stays, and its ID with it.
     */
    List<BackgroundRun> expired() {
        List<BackgroundRun> unreachable = new ArrayList<>();
        long now = nanoTime.getAsLong();
        while (!done.isEmpty() && now - done.peek().doneNanos > memoryNanos) {
            Entry entry = done.remove();
            if (entry.work instanceof Job) {
                entry.doneNanos = now;
                done.add(entry);
            } else {
                if (entry.work != null) {
                    unreachable.add(entry.work);
                    byWork.remove(entry.work);
                }
                remove(entry);
            }
        }
        return unreachable;
    }
}
