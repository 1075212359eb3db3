package dev.heddle.memory;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Limits the bytes that clients can make the server hold at one time: kept output, large requests, what waits to be
 * sent. It never blocks; a caller that is refused keeps less or answers that the server is busy.
 *
 * <p>Each user takes from a {@link #share} of it. Where there are others, a user may hold as much as is left free after
 * that: one alone half of the budget, two a third each. So there is always something left for the next one, and nobody
 * has to be told how many there are.
 *
 * <p><b>Threading:</b> any thread may call it.
 */
public final class MemoryBudget {
    private final long maxBytes;
    private final AtomicLong reserved = new AtomicLong();
    private final Predicate<String> alone;
    private final Map<String, MemoryBudget> shares = new ConcurrentHashMap<>(); // by user; the whole's alone
    private final MemoryBudget whole; // this one, unless it is a share
    private final String user; // whose share it is

    /** A budget that each user may use up. */
    public MemoryBudget(long maxBytes) {
        this(maxBytes, user -> true);
    }

    /** @param alone whether only the user of this name can use the server: then all of it is their share */
    public MemoryBudget(long maxBytes, Predicate<String> alone) {
        this.maxBytes = maxBytes;
        this.alone = alone;
        whole = this;
        user = "";
    }

    private MemoryBudget(MemoryBudget whole, String user) {
        maxBytes = whole.maxBytes;
        alone = whole.alone;
        this.whole = whole;
        this.user = user;
    }

    /** Returns the one share of a user. There are as many as there are names of users. */
    public MemoryBudget share(String name) {
        return shares.computeIfAbsent(name, first -> new MemoryBudget(whole, name));
    }

    /** Takes this many bytes, or none. */
    public boolean tryReserve(long bytes) {
        if (whole == this) {
            return take(bytes);
        }
        long own = reserved.addAndGet(bytes);
        if ((alone.test(user) || own <= maxBytes - whole.reserved.get() - bytes) && whole.take(bytes)) {
            return true;
        }
        reserved.addAndGet(-bytes);
        return false;
    }

    private boolean take(long bytes) {
        long before = reserved.getAndUpdate(now -> bytes <= maxBytes - now ? now + bytes : now);
        return bytes <= maxBytes - before;
    }

    /** Gives back what was reserved here before. */
    public void release(long bytes) {
        reserved.addAndGet(-bytes);
        if (whole != this) {
            whole.reserved.addAndGet(-bytes);
        }
    }

    /**
     * Counts what was reserved in a share as everybody's from now on: what has ended is kept by other rules than those
     * for shares.
     *
     * @return where it is to be released
     */
    public MemoryBudget leaveShare(long bytes) {
        if (whole != this) {
            reserved.addAndGet(-bytes);
        }
        return whole;
    }

    public long reservedBytes() {
        return reserved.get();
    }

    /** How much the whole may hold, for a share too. */
    public long maxBytes() {
        return maxBytes;
    }
}
