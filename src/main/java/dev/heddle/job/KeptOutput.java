package dev.heddle.job;

import dev.heddle.job.JobLog.Chunk;
import dev.heddle.run.MemoryBudget;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * What is kept of a job's output: the head and the tail, both streams in the order in which they came, within a
 * limit and the memory budget. Not thread-safe: {@link JobLog} guards it by its lock.
 */
final class KeptOutput {
    private static final int FIRST_SEGMENT_BYTES = 64;
    private static final int MAX_SEGMENT_BYTES = 16 * 1024;
    /** Streams that alternate byte by byte must not cost a segment each for all the bytes that may be kept. */
    private static final int LEAST_AVERAGE_BYTES = 64;
    private static final int SEGMENT_OVERHEAD_BYTES = 64;

    private MemoryBudget budget; // the user's share, and at last that of all
    private final int maxTailBytes;
    private final int maxSegments; // of the head, and again of the tail
    private final List<Segment> head = new ArrayList<>();
    private final Deque<Segment> tail = new ArrayDeque<>();
    private int headRoom;
    private int headBytes;
    private int tailBytes;
    private long total;
    private long reserved;
    private boolean discarded;

    /** Keeps at most so many bytes, half of them from the beginning. */
    KeptOutput(int maxBytes, MemoryBudget budget) {
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

        /** At most so many bytes from an offset on that lies inside. */
        Chunk copy(long from, int maxBytes) {
            int first = start + (int) (from - offset);
            return new Chunk(stream, from, Arrays.copyOfRange(bytes, first, first + Math.min(maxBytes, size - first)));
        }
    }

    /** Counts all of it, and keeps what it may. */
    void append(int stream, ByteBuffer source) {
        int end = source.limit();
        source.limit(source.position() + Math.min(source.remaining(), headRoom));
        keepInHead(stream, source);
        source.limit(end);
        if (source.hasRemaining()) {
            headRoom = 0; // the tail has begun
            keepInTail(stream, source);
        }
    }

    /** Takes all of it, unless the memory is used up: then the rest is for the tail. */
    private void keepInHead(int stream, ByteBuffer source) {
        while (source.hasRemaining()) {
            int n = fill(head.isEmpty() ? null : head.getLast(), stream, source);
            headRoom -= n;
            headBytes += n;
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

    /** All output is here: what it holds is not counted as its user's any more. */
    void leaveShare() {
        budget = budget.leaveShare(reserved);
    }

    /** Gives the memory back; from now on nothing is kept. */
    void discard() {
        discarded = true;
        head.clear();
        tail.clear();
        headBytes = 0;
        tailBytes = 0;
        budget.release(reserved);
        reserved = 0;
    }

    /**
     * Copies what is kept from an offset on.
     *
     * @param maxBytes  how much at most, at least 1
     * @param maxChunks in how many pieces at most, at least 1
     * @return where to go on; what is not kept is passed over
     */
    long copy(long offset, int maxBytes, int maxChunks, List<Chunk> target) {
        long next = offset;
        int left = maxBytes;
        for (Iterable<Segment> part : List.of(head, tail)) {
            for (Segment segment : part) {
                if (left == 0) {
                    return next;
                }
                if (segment.endOffset() > next) {
                    if (target.size() == maxChunks) {
                        return next;
                    }
                    Chunk chunk = segment.copy(Math.max(next, segment.offset), left);
                    target.add(chunk);
                    next = chunk.offset() + chunk.bytes().length;
                    left -= chunk.bytes().length;
                }
            }
        }
        return left > 0 ? total : next;
    }

    /** In how many pieces it is kept. */
    int segments() {
        return head.size() + tail.size();
    }

    /** How many bytes came so far. */
    long total() {
        return total;
    }

    /** How many of them are not kept. */
    long bytesLeftOut() {
        return total - headBytes - tailBytes;
    }

    /** What it holds in memory, as counted in the budget. */
    long reservedBytes() {
        return reserved;
    }
}
