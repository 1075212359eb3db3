package dev.heddle.job;

import dev.heddle.exec.Cancellation;
import dev.heddle.exec.CommandEnd;
import dev.heddle.exec.MemoryBudget;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a job has printed, both streams in the order in which it came, and at last how the job ended. Keeps the
 * head and the tail; every byte has its offset, so that what is left out shows as a jump. The job's drains
 * write; any thread may read.
 */
public final class JobLog {
    public static final int STDOUT = 1;
    public static final int STDERR = 2;

    private static final int FIRST_SEGMENT_BYTES = 64;
    private static final int MAX_SEGMENT_BYTES = 16 * 1024;
    /** Streams that alternate byte by byte must not cost a segment each for all the bytes that may be kept. */
    private static final int LEAST_AVERAGE_BYTES = 64;
    private static final int SEGMENT_OVERHEAD_BYTES = 64;

    /**
     * A part of the output.
     *
     * @param stream {@link #STDOUT} or {@link #STDERR}
     * @param offset of its first byte, counted over both streams
     */
    public record Chunk(int stream, long offset, byte[] bytes) {}

    /**
     * What a read has found.
     *
     * @param next where to go on
     * @param end  how the job ended; present only if there is nothing more to read behind {@code next}
     */
    public record Page(long next, Optional<CommandEnd> end, List<Chunk> chunks) {}

    private final MemoryBudget budget;
    private final int maxTailBytes;
    private final int maxSegments; // of the head, and again of the tail
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Segment> head = new ArrayList<>(); // this and all below: guarded by lock
    private final Deque<Segment> tail = new ArrayDeque<>();
    private int headRoom;
    private int tailBytes;
    private long total;
    private long reserved;
    private CommandEnd end;
    private boolean discarded;

    /** A log that keeps at most so many bytes, half of them from the beginning. */
    JobLog(int maxBytes, MemoryBudget budget) {
        this.budget = budget;
        headRoom = maxBytes - maxBytes / 2;
        maxTailBytes = maxBytes / 2;
        maxSegments = maxBytes / 2 / LEAST_AVERAGE_BYTES + 1;
    }

    /** A run of bytes of one stream; the first {@code start} of its array have been dropped. */
    private static final class Segment {
        final int stream;
        byte[] bytes;
        int start;
        int size;
        long offset; // of the byte at start

        Segment(int stream, long offset, int capacity) {
            this.stream = stream;
            this.offset = offset;
            bytes = new byte[capacity];
        }

        int length() {
            return size - start;
        }

        long endOffset() {
            return offset + length();
        }
    }

    /** Takes what the job has printed. Never waits for readers. */
    void append(int stream, ByteBuffer source) {
        lock.lock();
        try {
            int end = source.limit();
            source.limit(source.position() + Math.min(source.remaining(), headRoom));
            keepInHead(stream, source);
            source.limit(end);
            if (source.hasRemaining()) {
                headRoom = 0; // the tail has begun
                keepInTail(stream, source);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes all of it, unless the memory is used up: then the rest is for the tail. */
    private void keepInHead(int stream, ByteBuffer source) {
        while (source.hasRemaining()) {
            int n = fill(head.isEmpty() ? null : head.getLast(), stream, source);
            headRoom -= n;
            if (n == 0) {
                Segment added = segment(head.size(), stream, source.remaining());
                if (added == null) {
                    return;
                }
                head.add(added);
            }
        }
    }

    private void keepInTail(int stream, ByteBuffer source) {
        skip(source, source.remaining() - maxTailBytes);
        while (source.hasRemaining()) {
            int n = fill(tail.peekLast(), stream, source);
            tailBytes += n;
            trim();
            if (n == 0) {
                Segment added = segment(tail.size(), stream, source.remaining());
                while (added == null && !tail.isEmpty()) {
                    dropOldest();
                    added = segment(tail.size(), stream, source.remaining());
                }
                if (added == null) {
                    skip(source, source.remaining()); // there is nowhere to keep it
                } else {
                    tail.add(added);
                }
            }
        }
    }

    private void skip(ByteBuffer source, int count) {
        if (count > 0) {
            source.position(source.position() + count);
            total += count;
        }
    }

    /** Puts as much as fits behind what a segment holds, if it is of this stream and nothing lies between. */
    private int fill(Segment segment, int stream, ByteBuffer source) {
        if (segment == null || segment.stream != stream || segment.endOffset() != total) {
            return 0;
        }
        if (segment.size == segment.bytes.length && !grow(segment, source.remaining())) {
            return 0;
        }
        int n = Math.min(source.remaining(), segment.bytes.length - segment.size);
        source.get(segment.bytes, segment.size, n);
        segment.size += n;
        total += n;
        return n;
    }

    private boolean grow(Segment segment, int wanted) {
        int capacity = segment.bytes.length;
        int larger = Math.min(MAX_SEGMENT_BYTES, Math.max(capacity * 2, capacity + wanted));
        if (capacity == MAX_SEGMENT_BYTES || !reserve(larger - capacity)) {
            return false;
        }
        segment.bytes = Arrays.copyOf(segment.bytes, larger);
        return true;
    }

    private Segment segment(int existing, int stream, int wanted) {
        int capacity = Math.clamp(wanted, FIRST_SEGMENT_BYTES, MAX_SEGMENT_BYTES);
        if (existing == maxSegments || !reserve(capacity + SEGMENT_OVERHEAD_BYTES)) {
            return null;
        }
        return new Segment(stream, total, capacity);
    }

    private void dropOldest() {
        Segment oldest = tail.removeFirst();
        tailBytes -= oldest.length();
        release(oldest.bytes.length + SEGMENT_OVERHEAD_BYTES);
    }

    private void trim() {
        while (tailBytes > maxTailBytes) {
            Segment oldest = tail.peekFirst();
            int over = tailBytes - maxTailBytes;
            if (oldest.length() <= over) {
                dropOldest();
            } else {
                oldest.start += over;
                oldest.offset += over;
                tailBytes -= over;
            }
        }
    }

    private boolean reserve(int bytes) {
        if (discarded || !budget.tryReserve(bytes)) {
            return false;
        }
        reserved += bytes;
        return true;
    }

    private void release(int bytes) {
        budget.release(bytes);
        reserved -= bytes;
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

    /** Gives the memory back. Readers find nothing any more. */
    void discard() {
        lock.lock();
        try {
            discarded = true;
            head.clear();
            tail.clear();
            tailBytes = 0;
            budget.release(reserved);
            reserved = 0;
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
     * @throws IndexOutOfBoundsException when the output does not reach to the cursor
     */
    public Page read(long cursor, int maxBytes, Duration maxWait, Cancellation cancellation)
            throws InterruptedException {
        try (Cancellation.Listening listening = cancellation.whenCancelled(this::wakeReaders)) {
            return read(cursor, maxBytes, maxWait.toNanos(), cancellation);
        }
    }

    private Page read(long cursor, int maxBytes, long maxNanos, Cancellation cancellation)
            throws InterruptedException {
        long nanos = maxNanos;
        lock.lockInterruptibly();
        try {
            if (cursor < 0 || cursor > total) {
                throw new IndexOutOfBoundsException("the output ends at " + total);
            }
            while (cursor == total && end == null && nanos > 0 && !cancellation.isCancelled()) {
                nanos = changed.awaitNanos(nanos);
            }
            return page(cursor, maxBytes);
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

    private Page page(long cursor, int maxBytes) {
        List<Chunk> chunks = new ArrayList<>();
        long next = collect(head, cursor, maxBytes, chunks);
        int taken = chunks.stream().mapToInt(chunk -> chunk.bytes().length).sum();
        if (taken < maxBytes) {
            next = collect(tail, next, maxBytes - taken, chunks);
            taken = chunks.stream().mapToInt(chunk -> chunk.bytes().length).sum();
        }
        if (taken < maxBytes) {
            next = total; // whatever lies between is not kept
        }
        return new Page(next, next == total ? Optional.ofNullable(end) : Optional.empty(), chunks);
    }

    private static long collect(Iterable<Segment> segments, long cursor, int maxBytes, List<Chunk> chunks) {
        long next = cursor;
        int left = maxBytes;
        for (Segment segment : segments) {
            if (left > 0 && segment.endOffset() > next) {
                int skip = (int) Math.max(0, next - segment.offset);
                int n = Math.min(left, segment.length() - skip);
                byte[] bytes = new byte[n];
                System.arraycopy(segment.bytes, segment.start + skip, bytes, 0, n);
                chunks.add(new Chunk(segment.stream, segment.offset + skip, bytes));
                next = segment.offset + skip + n;
                left -= n;
            }
        }
        return next;
    }

    /** How many bytes the job has printed so far. */
    public long total() {
        lock.lock();
        try {
            return total;
        } finally {
            lock.unlock();
        }
    }

    /** How many of them are not kept. */
    public long bytesLeftOut() {
        lock.lock();
        try {
            return total - tailBytes - head.stream().mapToInt(Segment::length).sum();
        } finally {
            lock.unlock();
        }
    }

    /** What the log holds in memory. */
    long reservedBytes() {
        lock.lock();
        try {
            return reserved;
        } finally {
            lock.unlock();
        }
    }
}
