package dev.heddle.job;

import dev.heddle.command.CommandEnd;
import dev.heddle.run.Cancellation;
import dev.heddle.run.MemoryBudget;
import dev.heddle.time.Deadline;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a job has printed, both streams in the order in which it came, and at last how the job ended. Every byte has
 * its offset, so that what is not kept shows as a jump. The job's drains write; any thread may read, and wait.
 */
public final class JobLog {
    public static final int STDOUT = 1;
    public static final int STDERR = 2;

    /**
     * A part of the output.
     *
     * @param stream {@link #STDOUT} or {@link #STDERR}
     * @param offset of its first byte, counted over both streams
     */
    public record Chunk(int stream, long offset, byte[] bytes) {}

    /**
     * What a read has found: a copy, which counts in the reader's memory until it is closed.
     *
     * @param next          where to go on
     * @param end           how the job ended; present only if there is nothing more to read behind {@code next}
     * @param budget        where {@code reservedBytes} return to
     */
    public record Page(long next, Optional<CommandEnd> end, List<Chunk> chunks, MemoryBudget budget,
                       long reservedBytes) implements AutoCloseable {
        @Override
        public void close() {
            budget.release(reservedBytes);
        }
    }

    private static final int MAX_CHUNKS = 2048; // of a page: streams that alternate byte by byte are mostly objects
    private static final int CHUNK_BYTES = 256; // the objects around a chunk until it is sent
    /** Of a reader without memory for more: it goes on nevertheless. */
    private static final int SMALL_BYTES = 4 << 10;
    private static final int SMALL_CHUNKS = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final KeptOutput kept; // guarded by lock
    private CommandEnd end; // guarded by lock; null until the job has ended

    /** A log that keeps at most so many bytes, half of them from the beginning. */
    JobLog(int maxBytes, MemoryBudget budget) {
        kept = new KeptOutput(maxBytes, budget);
    }

    /** Takes what the job has printed. Never waits for readers. */
    void append(int stream, ByteBuffer source) {
        lock.lock();
        try {
            kept.append(stream, source);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The job has ended, and all its output is here. */
    void finish(CommandEnd howItEnded) {
        lock.lock();
        try {
            end = howItEnded;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What it holds is not counted as its user's any more; after the end. */
    void leaveShare() {
        lock.lock();
        try {
            kept.leaveShare();
        } finally {
            lock.unlock();
        }
    }

    /** Gives the memory back. Readers find nothing any more. */
    void discard() {
        lock.lock();
        try {
            kept.discard();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reads on from a cursor; blocks until there is something, or the job has ended, or the wait is over or
     * cancelled.
     *
     * @param cursor   an offset, from 0 to where the output ends
     * @param maxBytes how much is handed out at most, at least 1
     * @param reader   whose memory the page takes; when that is used up the page is a small one
     * @return the page, to be closed once it has been sent
     * @throws IndexOutOfBoundsException when the output does not reach to the cursor
     */
    public Page read(long cursor, int maxBytes, Duration maxWait, Cancellation cancellation, MemoryBudget reader)
            throws InterruptedException {
        try (Cancellation.Listening listening = cancellation.whenCancelled(this::wakeReaders)) {
            return read(cursor, maxBytes, Deadline.in(maxWait), cancellation, reader);
        }
    }

    private Page read(long cursor, int maxBytes, Deadline deadline, Cancellation cancellation, MemoryBudget reader)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (cursor < 0 || cursor > kept.total()) {
                throw new IndexOutOfBoundsException("the output ends at " + kept.total());
            }
            while (cursor == kept.total() && end == null && !cancellation.isCancelled()) {
                long left = deadline.left();
                if (left <= 0) {
                    break;
                }
                changed.awaitNanos(left);
            }
            return page(cursor, maxBytes, reader);
        } finally {
            lock.unlock();
        }
    }

    private void wakeReaders() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private Page page(long cursor, int maxBytes, MemoryBudget reader) {
        long most = Math.min(maxBytes, kept.total() - cursor);
        long wanted = most == 0 ? 0 : most + (long) Math.min(kept.segments(), MAX_CHUNKS) * CHUNK_BYTES;
        boolean reserved = wanted > 0 && reader.tryReserve(wanted);
        boolean copied = false;
        try {
            List<Chunk> chunks = new ArrayList<>();
            long next = reserved ? kept.copy(cursor, maxBytes, MAX_CHUNKS, chunks)
                    : kept.copy(cursor, Math.min(maxBytes, SMALL_BYTES), SMALL_CHUNKS, chunks);
            copied = true;
            return new Page(next, next == kept.total() ? Optional.ofNullable(end) : Optional.empty(), chunks, reader,
                    reserved ? wanted : 0);
        } finally {
            if (reserved && !copied) {
                reader.release(wanted);
            }
        }
    }

    /** How many bytes the job has printed so far. */
    public long total() {
        lock.lock();
        try {
            return kept.total();
        } finally {
            lock.unlock();
        }
    }

    /** How many of them are not kept. */
    public long bytesLeftOut() {
        lock.lock();
        try {
            return kept.bytesLeftOut();
        } finally {
            lock.unlock();
        }
    }

    /** What the log holds in memory. */
    long reservedBytes() {
        lock.lock();
        try {
            return kept.reservedBytes();
        } finally {
            lock.unlock();
        }
    }
}
