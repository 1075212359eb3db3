package dev.heddle.service;

import dev.heddle.memory.MemoryBudget;

/**
 * How much a client may send to a command before the program has read it: a window of the memory budget, which is
 * reserved as long as the client is attached. What the program has read comes back as credit; a program that reads gets
 * a larger window, as long as there is memory for it.
 *
 * <p><b>Threading:</b> the attachment guards it by its lock.
 */
final class InputWindow {
    private static final int FIRST_BYTES = 64 << 10;
    private static final int LEAST_BYTES = 4 << 10;
    private static final int MAX_BYTES = 256 << 10;

    private final MemoryBudget budget;
    private boolean opened; // the window has been reserved, as far as there was memory
    private int bytes;
    private int credit;
    private int taken; // by the program, and not yet given back as credit

    InputWindow(MemoryBudget budget) {
        this.budget = budget;
    }

    /**
     * Reserves the window, a small one if the budget is short; the first time only. Many attachments may wait on one
     * connection, and none takes memory before it is needed.
     *
     * @return the window's size in bytes; 0 when there is no memory for it
     */
    int open() {
        if (!opened) {
            opened = true;
            if (budget.tryReserve(FIRST_BYTES)) {
                bytes = FIRST_BYTES;
            } else if (budget.tryReserve(LEAST_BYTES)) {
                bytes = LEAST_BYTES;
            }
            credit = bytes;
        }
        return bytes;
    }

    int bytes() {
        return bytes;
    }

    /** Takes credit for a piece; false when there is not as much. */
    boolean use(int pieceBytes) {
        open();
        if (pieceBytes > credit) {
            return false;
        }
        credit -= pieceBytes;
        return true;
    }

    /**
     * Counts what the program has read, which is given back in large pieces, but before the client runs out of credit.
     *
     * @param isAll whether nothing else is pending
     * @return the credit to tell the client of; 0 for none as yet
     */
    int taken(int readBytes, boolean isAll) {
        taken += readBytes;
        if (taken < bytes / 4 && !isAll) {
            return 0;
        }
        int back = taken + widen();
        taken = 0;
        credit += back;
        return back;
    }

    private int widen() {
        int more = Math.min(bytes, MAX_BYTES - bytes);
        if (more == 0 || !budget.tryReserve(more)) {
            return 0;
        }
        bytes += more;
        return more;
    }

    /** Gives the memory back. What is on its way is still taken, and thrown away. */
    void close() {
        if (!opened) {
            opened = true;
            credit = FIRST_BYTES;
        }
        budget.release(bytes);
        bytes = 0;
    }
}
