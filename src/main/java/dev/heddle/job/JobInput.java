package dev.heddle.job;

import dev.heddle.run.Cancellation;
import dev.heddle.run.MemoryBudget;
import dev.heddle.run.StdinSource;
import dev.heddle.time.Deadline;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The stdin of a job: clients write by offset, so that a write may be sent again; the job's scope takes. It
 * holds a little, and whoever writes more waits until the program has read.
 */
public final class JobInput implements StdinSource {
    /** Held for a program that does not read at the moment. */
    private static final int MAX_PENDING_BYTES = 64 * 1024;

    private final MemoryBudget budget;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private byte[] pending = {}; // this and all below: guarded by lock
    private int taken; // bytes that are on their way to the program
    private long accepted;
    private boolean ended;
    private boolean refused;

    JobInput(MemoryBudget budget) {
        this.budget = budget;
    }

    /** A write cannot be taken; the message says why. */
    public static final class RefusedWriteException extends Exception {
        private static final long serialVersionUID = 1L;

        RefusedWriteException(String message) {
            super(message);
        }
    }

    /**
     * Takes bytes that belong at an offset, as many as there is room for; blocks while there is none. Those
     * before the accepted offset are known already and skipped.
     *
     * @return how many bytes have been accepted in all, when all of these are, or the wait is over or cancelled
     * @throws RefusedWriteException when none of them can be taken
     */
    public long write(long offset, byte[] bytes, Duration maxWait, Cancellation cancellation)
            throws RefusedWriteException, InterruptedException {
        try (Cancellation.Listening listening = cancellation.whenCancelled(this::wake)) {
            return write(offset, bytes, Deadline.in(maxWait), cancellation);
        }
    }

    private long write(long offset, byte[] bytes, Deadline deadline, Cancellation cancellation)
            throws RefusedWriteException, InterruptedException {
        lock.lockInterruptibly();
        try {
            if (offset < 0 || offset > accepted) {
                throw new RefusedWriteException("stdin has been written up to " + accepted + " only");
            }
            while (true) {
                int known = (int) Math.min(bytes.length, accepted - offset);
                int left = bytes.length - known;
                if (left == 0) {
                    return accepted;
                }
                if (ended) {
                    throw new RefusedWriteException("stdin has been ended at " + accepted);
                }
                if (refused) {
                    throw new RefusedWriteException("the program has closed its stdin");
                }
                int room = Math.min(left, MAX_PENDING_BYTES - pending.length);
                if (room > 0 && budget.tryReserve(room)) {
                    int size = pending.length;
                    pending = Arrays.copyOf(pending, size + room);
                    System.arraycopy(bytes, known, pending, size, room);
                    accepted += room;
                    changed.signalAll();
                    continue;
                }
                long nanos = deadline.left();
                if (nanos <= 0 || cancellation.isCancelled()) {
                    return accepted;
                }
                changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets the program see the end of its input, behind what was written. */
    public void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public byte[] next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            budget.release(taken);
            taken = 0;
            while (pending.length == 0 && !ended && !refused) {
                changed.await();
            }
            if (pending.length == 0 || refused) {
                return null;
            }
            byte[] piece = pending;
            taken = piece.length;
            pending = new byte[0];
            changed.signalAll();
            return piece;
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
    public void refused() {
        lock.lock();
        try {
            refused = true;
            budget.release(pending.length + taken);
            pending = new byte[0];
            taken = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        refused();
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
