package dev.heddle.memory;

/**
 * What one log has reserved in its user's share of the memory budget.
 *
 * <p><b>Threading:</b> the log guards it by its lock.
 */
final class Account {
    private MemoryBudget budget; // the user's share, and at last that of all
    private long reserved;
    private boolean closed;

    Account(MemoryBudget budget) {
        this.budget = budget;
    }

    boolean tryReserve(int bytes) {
        if (closed || !budget.tryReserve(bytes)) {
            return false;
        }
        reserved += bytes;
        return true;
    }

    /** Whether the budget would still be half free with so many bytes more: what is on its way may take no more. */
    boolean hasHalfFreeWith(int bytes) {
        return !closed && budget.reservedBytes() + bytes <= budget.maxBytes() / 2;
    }

    void release(int bytes) {
        if (bytes > 0) {
            budget.release(bytes);
            reserved -= bytes;
        }
    }

    void leaveShare() {
        budget = budget.leaveShare(reserved);
    }

    /** Gives all back; from now on nothing is granted. */
    void close() {
        closed = true;
        budget.release(reserved);
        reserved = 0;
    }

    long reservedBytes() {
        return reserved;
    }
}
