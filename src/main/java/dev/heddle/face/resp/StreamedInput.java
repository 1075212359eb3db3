package dev.heddle.face.resp;

import dev.heddle.run.MemoryBudget;
import dev.heddle.run.StdinSource;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The stdin of a streaming command on its way from the reading thread to the command's scope. The client has
 * credit for as much as the window holds and gets it back as the program reads; so the reading thread never
 * waits for the program, and a signal never queues behind unread input.
 */
final class StreamedInput implements StdinSource {
    private static final int FIRST_WINDOW_BYTES = 64 << 10;
    private static final int LEAST_WINDOW_BYTES = 4 << 10;
    private static final int MAX_WINDOW_BYTES = 256 << 10;

    /** Tells the client what has become of its input. */
    interface OnCredit {
        void granted(int bytes) throws InterruptedException;
    }

    /** Tells the client once that the program takes no more input. */
    interface OnRefused {
        void refused() throws InterruptedException;
    }

    private final MemoryBudget budget;
    private final OnCredit onCredit;
    private final OnRefused onRefused;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<byte[]> pieces = new ArrayDeque<>(); // this and all below: guarded by lock
    private boolean opened; // a window has been reserved, as far as there was memory
    private int window; // as large as a program that reads has made it
    private int credit;
    private int taken; // by the program, and not yet given back as credit
    private boolean ended;
    private boolean refused;

    /**
     * Starts with a small window, or, when the budget is short, a smaller one; and with none before its turn comes:
     * many streams may be waiting on one connection.
     *
     * @param onCredit  told how much more the client may send; by the scope's thread
     * @param onRefused told once that the program takes nothing more; by the scope's thread
     */
    StreamedInput(MemoryBudget budget, OnCredit onCredit, OnRefused onRefused) {
        this.budget = budget;
        this.onCredit = onCredit;
        this.onRefused = onRefused;
    }

    private void open() {
        if (!opened) {
            opened = true;
            if (budget.tryReserve(FIRST_WINDOW_BYTES)) {
                window = FIRST_WINDOW_BYTES;
            } else if (budget.tryReserve(LEAST_WINDOW_BYTES)) {
                window = LEAST_WINDOW_BYTES;
            }
            credit = window;
        }
    }

    /** What the client may send before anything is read; 0 when there is no memory for it. */
    int window() {
        lock.lock();
        try {
            open();
            return window;
        } finally {
            lock.unlock();
        }
    }

    /** What is reserved for the window by now. */
    int reservedBytes() {
        lock.lock();
        try {
            return window;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a piece, without blocking; false when the client had no credit for it. */
    boolean put(byte[] piece) {
        lock.lock();
        try {
            open();
            if (piece.length > credit) {
                return false;
            }
            credit -= piece.length;
            if (!refused && !ended && piece.length > 0) {
                pieces.add(piece);
                changed.signalAll();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** This is all: the client says so, and nothing else does. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isEnded() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isComplete() {
        lock.lock();
        try {
            return ended && !refused;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public byte[] next() throws InterruptedException {
        giveBack();
        lock.lockInterruptibly();
        try {
            while (pieces.isEmpty() && !ended && !refused) {
                changed.await();
            }
            byte[] piece = pieces.poll();
            taken += piece == null ? 0 : piece.length;
            return piece;
        } finally {
            lock.unlock();
        }
    }

    /** In large pieces, but before the client runs out of credit. */
    private void giveBack() throws InterruptedException {
        int back = 0;
        lock.lock();
        try {
            if (taken > 0 && (taken >= window / 4 || pieces.isEmpty()) && !ended) {
                back = taken + widen();
                taken = 0;
                credit += back;
            }
        } finally {
            lock.unlock();
        }
        if (back > 0) {
            onCredit.granted(back);
        }
    }

    /** A program that reads gets a larger window, as long as there is memory for it. */
    private int widen() {
        int more = Math.min(window, MAX_WINDOW_BYTES - window);
        if (more == 0 || !budget.tryReserve(more)) {
            return 0;
        }
        window += more;
        return more;
    }

    @Override
    public void refused() throws InterruptedException {
        stop();
        onRefused.refused();
    }

    private void stop() {
        lock.lock();
        try {
            refused = true;
            pieces.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** Gives the window's memory back: by the stream, once it is not used any more. */
    void release() {
        lock.lock();
        try {
            refused = true;
            pieces.clear();
            if (!opened) {
                opened = true;
                credit = FIRST_WINDOW_BYTES; // for what is on its way, and thrown away
            }
            budget.release(window);
            window = 0;
        } finally {
            lock.unlock();
        }
    }
}
