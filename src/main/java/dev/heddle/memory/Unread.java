package dev.heddle.memory;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Keeps what the one reader has not read, which is as much as one write takes; then the writer has to wait. It may take
 * half of the memory budget. When that is used up the output goes on in one small piece at a time, so that no command
 * comes to a halt because the clients of others do not read.
 */
final class Unread implements Retention {
    /** Enough to fill one write while the one before it is under way. */
    private static final int ENOUGH_BYTES = 64 << 10;
    /** When there is no memory for more; as much as a small pipe holds. */
    private static final int SMALL_BYTES = 4 << 10;

    private final Account account;
    private final Deque<Segment> waiting = new ArrayDeque<>(1);
    private final List<Segment> sending = new ArrayList<>();
    private int waitingBytes; // with the overhead of each segment, which may be of a single byte
    private int unreserved; // segments that are not sent yet, and that the budget had no room for
    private long total;
    private boolean discarded;

    Unread(Account account) {
        this.account = account;
    }

    @Override
    public void append(int stream, ByteBuffer source) {
        if (discarded) {
            total += source.remaining();
            source.position(source.limit());
        }
        while (source.hasRemaining()) {
            Segment last = waiting.peekLast();
            if (last == null || last.stream != stream || last.isFull()) {
                last = segment(stream, source.remaining());
                waiting.add(last);
                waitingBytes += Segment.OVERHEAD_BYTES;
            }
            int n = last.fill(source);
            waitingBytes += n;
            total += n;
        }
    }

    private Segment segment(int stream, int wanted) {
        int capacity = wanted > SMALL_BYTES ? Segment.MAX_BYTES : Math.max(wanted, Segment.LEAST_BYTES);
        int counted = capacity + Segment.OVERHEAD_BYTES;
        boolean reserved = account.hasHalfFreeWith(counted) && account.tryReserve(counted);
        unreserved += reserved ? 0 : 1;
        return new Segment(stream, total, capacity, reserved ? counted : 0);
    }

    @Override
    public boolean isFull() {
        return !discarded && (waitingBytes >= ENOUGH_BYTES || unreserved > 0);
    }

    @Override
    public int room() {
        return account.hasHalfFreeWith(ENOUGH_BYTES) ? ENOUGH_BYTES : SMALL_BYTES;
    }

    @Override
    public long read(long offset, int maxBytes, int maxSegments, Page.Parts target) {
        long next = offset;
        int left = maxBytes;
        while (!waiting.isEmpty() && left > 0 && target.size() < maxSegments) {
            Segment segment = waiting.removeFirst();
            sending.add(segment);
            waitingBytes -= segment.length() + Segment.OVERHEAD_BYTES;
            left -= target.add(segment.stream, segment.offset(), segment.view());
            next = segment.endOffset();
        }
        return next;
    }

    @Override
    public void sent() {
        sending.forEach(this::free);
        sending.clear();
    }

    private void free(Segment segment) {
        account.release(discarded ? 0 : segment.counted());
        unreserved -= segment.counted() == 0 ? 1 : 0;
        segment.letGo();
    }

    @Override
    public void forEach(Consumer<Segment> action) {
        waiting.forEach(action);
    }

    @Override
    public int segments() {
        return waiting.size();
    }

    @Override
    public long total() {
        return total;
    }

    @Override
    public long kept() {
        return total;
    }

    @Override
    public void finish() {
        // Nothing more is reserved than what is here.
    }

    @Override
    public void discard() {
        discarded = true;
        waiting.forEach(this::free);
        waiting.clear();
        waitingBytes = 0;
    }
}
