package dev.heddle.service;

import dev.heddle.memory.MemoryBudget;
import dev.heddle.time.Guard;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;

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
    private final Guard lock = new Guard();
    private final Condition changed = lock.newCondition();
    private List<N> notes = new ArrayList<>(); // this and all below: guarded by lock
    private int bytes;
    private int reservedBytes; // for these, and those that were taken last
    private int expected; // notes that are still to come
    private boolean closed;

    /** @param onNews run after a note was added, without a lock */
    NoteQueue(MemoryBudget share, Runnable onNews) {
        this.share = share;
        this.onNews = onNews;
    }

    /** Adds a note at once, however many there are: for the few that a command makes itself. */
    void add(N note, int noteBytes) {
        try (Guard.Held held = lock.hold()) {
            append(note, noteBytes);
        }
        onNews.run();
    }

    /** Adds a note, and waits for room before. False when nobody takes notes any more. */
    boolean post(N note, int noteBytes) throws InterruptedException {
        try (Guard.Held held = lock.holdInterruptibly()) {
            while (!closed && (notes.size() >= MAX_NOTES || bytes >= MAX_BYTES)) {
                changed.await();
            }
            if (closed) {
                return false;
            }
            append(note, noteBytes);
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
        try (Guard.Held held = lock.hold()) {
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
        }
    }

    boolean isEmpty() {
        try (Guard.Held held = lock.hold()) {
            return notes.isEmpty();
        }
    }

    /** Keeps a place for a note until {@link #letGo}. False when nobody takes notes any more. */
    boolean hold() {
        try (Guard.Held held = lock.hold()) {
            expected += closed ? 0 : 1;
            return !closed;
        }
    }

    void letGo() {
        try (Guard.Held held = lock.hold()) {
            expected--;
            changed.signalAll();
        }
    }

    /** Waits for notes that are still to come, and ends the queue if there are none. False when there are notes. */
    boolean closeWhenEmpty() throws InterruptedException {
        try (Guard.Held held = lock.holdInterruptibly()) {
            while (expected > 0 && notes.isEmpty()) {
                changed.await();
            }
            closed |= notes.isEmpty();
            return closed;
        }
    }

    boolean isClosed() {
        try (Guard.Held held = lock.hold()) {
            return closed;
        }
    }

    /** Throws all notes away, and those that come. */
    void close() {
        try (Guard.Held held = lock.hold()) {
            closed = true;
            notes.clear();
            share.release(reservedBytes);
            reservedBytes = 0;
            changed.signalAll();
        }
    }
}
