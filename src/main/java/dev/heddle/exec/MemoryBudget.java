package dev.heddle.exec;

import java.util.concurrent.atomic.AtomicLong;

/**
 * One limit for all bytes that clients can make the server hold at the same time: kept output and large
 * requests. It never blocks; whoever is refused keeps less or answers that the server is busy.
 */
public final class MemoryBudget {
    private final long maxBytes;
    private final AtomicLong reserved = new AtomicLong();

    public MemoryBudget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Takes this many bytes, or none. */
    public boolean tryReserve(long bytes) {
        long before = reserved.get();
        while (bytes <= maxBytes - before) {
            if (reserved.compareAndSet(before, before + bytes)) {
                return true;
            }
            before = reserved.get();
        }
        return false;
    }

    public void release(long bytes) {
        reserved.addAndGet(-bytes);
    }

    public long reservedBytes() {
        return reserved.get();
    }

    public long maxBytes() {
        return maxBytes;
    }
}
