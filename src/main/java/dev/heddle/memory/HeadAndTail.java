package dev.heddle.memory;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Keeps the first and the last bytes of the output, both streams in the order in which they came, within a limit and
 * the memory budget. When the budget is used up it goes on with what it has, so that the tail is still the tail.
 */
final class HeadAndTail implements Retention {
    /** Streams that alternate byte by byte must not cost a segment each for all the bytes that may be kept. */
    private static final int LEAST_AVERAGE_BYTES = 64;
    /** Reserved for the tail before the head takes what is left of the budget. */
    private static final int SPARE_BYTES = 1 << 10;

    private final Account account;
    private final int maxTailBytes;
    private final int maxSegments; // of the head, and again of the tail
    private final List<Segment> head = new ArrayList<>();
    private final Deque<Segment> tail = new ArrayDeque<>(1);
    private int headRoom;
    private int headBytes;
    private int tailBytes;
    private int spare; // reserved for the tail's first segment
    private long total;

    /** Keeps at most so many bytes, half of them from the beginning. */
    HeadAndTail(int maxBytes, Account account) {
        this.account = account;
        headRoom = maxBytes - maxBytes / 2;
        maxTailBytes = maxBytes / 2;
        maxSegments = maxBytes / 2 / LEAST_AVERAGE_BYTES + 1;
    }

    @Override
    public void append(int stream, ByteBuffer source) {
        if (total <= SPARE_BYTES && total + source.remaining() > SPARE_BYTES) {
            int wanted = Math.min(SPARE_BYTES, maxTailBytes) + Segment.OVERHEAD_BYTES;
            spare = maxTailBytes > 0 && account.tryReserve(wanted) ? wanted : 0;
        }
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
                if (added == null) {
                    added = insteadOfOldest(stream, source.remaining());
                }
                if (added == null) {
                    skip(source, source.remaining()); // there is nowhere to keep it
                } else {
                    tail.add(added);
                }
            }
        }
    }

    /** A segment for the tail when there is no more memory, or there are too many segments; null if there is none. */
    private Segment insteadOfOldest(int stream, int wanted) {
        if (tail.isEmpty()) {
            Segment first = spare == 0 ? null : new Segment(stream, total, spare - Segment.OVERHEAD_BYTES, spare);
            spare = 0;
            return first;
        }
        while (tail.size() > 1) {
            Segment oldest = removeOldest();
            if (oldest.capacity() >= Math.min(wanted, Segment.MAX_BYTES)) {
                return oldest.replaced(stream, total);
            }
            account.release(oldest.counted());
            oldest.letGo();
            Segment added = segment(tail.size(), stream, wanted);
            if (added != null) {
                return added;
            }
        }
        Segment last = removeOldest();
        if (last.stream != stream || last.endOffset() != total) {
            return last.replaced(stream, total);
        }
        Segment half = last.halved();
        tailBytes += half.length();
        return half;
    }

    private void skip(ByteBuffer source, int count) {
        if (count > 0) {
            source.position(source.position() + count);
            total += count;
        }
    }

    /** Puts as much as fits behind what a segment holds, if it is of this stream and nothing lies between. */
    private int fill(Segment segment, int stream, ByteBuffer source) {
        if (segment == null || segment.stream != stream || segment.endOffset() != total
                || segment.isFull() && !grow(segment, source.remaining())) {
            return 0;
        }
        int n = segment.fill(source);
        total += n;
        return n;
    }

    private boolean grow(Segment segment, int wanted) {
        int capacity = segment.capacity();
        int larger = Math.min(Segment.MAX_BYTES, Math.max(capacity * 2, capacity + wanted));
        if (capacity == Segment.MAX_BYTES || !account.tryReserve(larger - capacity)) {
            return false;
        }
        segment.grow(larger);
        return true;
    }

    private Segment segment(int existing, int stream, int wanted) {
        int capacity = Math.clamp(wanted, Segment.LEAST_BYTES, Segment.MAX_BYTES);
        int counted = capacity + Segment.OVERHEAD_BYTES;
        return existing < maxSegments && account.tryReserve(counted)
                ? new Segment(stream, total, capacity, counted) : null;
    }

    private Segment removeOldest() {
        Segment oldest = tail.removeFirst();
        tailBytes -= oldest.length();
        return oldest;
    }

    private void trim() {
        while (tailBytes > maxTailBytes) {
            Segment oldest = tail.peekFirst();
            int over = tailBytes - maxTailBytes;
            if (oldest.length() <= over) {
                removeOldest();
                account.release(oldest.counted());
                oldest.letGo();
            } else {
                oldest.drop(over);
                tailBytes -= over;
            }
        }
    }

    @Override
    public boolean isFull() {
        return false;
    }

    @Override
    public int room() {
        return Integer.MAX_VALUE;
    }

    @Override
    public long read(long offset, int maxBytes, int maxPieces, Page.Parts target) {
        long next = offset;
        int left = maxBytes;
        for (Iterable<Segment> part : List.of(head, tail)) {
            for (Segment segment : part) {
                if (left == 0) {
                    return next;
                }
                if (segment.endOffset() > next) {
                    if (target.size() == maxPieces) {
                        return next;
                    }
                    long from = Math.max(next, segment.offset());
                    int length = target.addHeld(segment, from, left);
                    next = from + length;
                    left -= length;
                }
            }
        }
        return left > 0 ? total : next;
    }

    @Override
    public void sent() {
        // What is kept does not depend on its readers.
    }

    @Override
    public void forEach(Consumer<Segment> action) {
        head.forEach(action);
        tail.forEach(action);
    }

    @Override
    public int segments() {
        return head.size() + tail.size();
    }

    @Override
    public long total() {
        return total;
    }

    @Override
    public long kept() {
        return headBytes + (long) tailBytes;
    }

    @Override
    public void finish() {
        account.release(spare);
        spare = 0;
    }

    @Override
    public void discard() {
        forEach(Segment::letGo);
        head.clear();
        tail.clear();
        headBytes = 0;
        tailBytes = 0;
        spare = 0; // the account is closed
    }
}
