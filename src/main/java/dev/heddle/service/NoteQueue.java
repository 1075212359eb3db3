package dev.heddle.service;

import dev.heddle.memory.MemoryBudget;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a client is to be told beside the output of a command: notes of the face, in their order. They count in the
 * memory of the client's user. Whoever posts one waits while the client does not read.
 *
 * <p><b>Threading:</b> any thread may call it; one thread takes.
 *
 * @param <N> a note of the face
 */
final class NoteQueue<N> {
    private static final int MAX_NOTES = 1024;
    private static final int MAX_BYTES = 64 << 10;
    private static final int OVERHEAD_BYTES = 256; // the objects around a note

    private final MemoryBudget share;
    private final Runnable onNews;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private List<N> notes = new ArrayList<>(); // this and all below: guarded by lock
    private int bytes;
    private int reservedBytes; // for these, and those that were taken last
    private int held; // notes that are still to come
    private boolean closed;

    /** @param onNews run after a note was added, without a lock */
    NoteQueue(MemoryBudget share, Runnable onNews) {
        this.share = share;
        this.onNews = onNews;
    }

    /** Adds a note at once, however many there are: for the few that a command makes itself. */
    void add(N note, int noteBytes) {
        lock.lock();
        try {
            append(note, noteBytes);
        } finally {
            lock.unlock();
        }
        onNews.run();
    }

    /** Adds a note, and waits for room before. False when nobody takes notes any more. */
    boolean post(N note, int noteBytes) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && (notes.size() >= MAX_NOTES || bytes >= MAX_BYTES)) {
                changed.await();
            }
            if (closed) {
                return false;
            }
            append(note, noteBytes);
        } finally {
            lock.unlock();
        }
        onNews.run();
        return true;
    }

    private void append(N note, int noteBytes) {
        if (!closed) {
            int all = noteBytes + OVERHEAD_BYTES;
            notes.add(note);
            bytes += all;
            reservedBytes += share.tryReserve(all) ? all : 0; // they are bounded without that, too
            changed.signalAll();
        }
    }

    /** Takes all notes there are; those taken before are with the client by now, or lost. */
    List<N> take() {
        lock.lock();
        try {
            List<N> taken = notes;
            if (taken.isEmpty()) {
                share.release(reservedBytes);
                reservedBytes = 0;
            } else {
                notes = new ArrayList<>();
                bytes = 0;
                changed.signalAll();
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return notes.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Keeps a place for a note until {@link #letGo}. False when nobody takes notes any more. */
    boolean hold() {
        lock.lock();
        try {
            held += closed ? 0 : 1;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    void letGo() {
        lock.lock();
        try {
            held--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for notes that are still to come, and ends the queue if there are none. False when there are notes. */
    boolean closeWhenEmpty() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (held > 0 && notes.isEmpty()) {
                changed.await();
            }
            closed |= notes.isEmpty();
            return closed;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Throws all notes away, and those that come. */
    void close() {
        lock.lock();
        try {
            closed = true;
            notes.clear();
            share.release(reservedBytes);
            reservedBytes = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
