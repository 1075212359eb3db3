package dev.heddle.run;

import dev.heddle.process.ChildOutput;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Keeps the head and the tail of a stream and counts all of it. It starts small and grows by doubling, within
 * its limit and the memory budget; when the budget is used up it goes on with what it has, so that the tail is
 * still the tail. One thread fills it; another may finish it once that thread has been joined.
 */
final class Capture implements ChildOutput.Sink {
    private static final int FIRST_BYTES = 1024;

    private final MemoryBudget budget;
    private final Runnable onOverLimit;
    private final Part head;
    private final Part tail;
    private final int maxBytes;
    private volatile long total; // the filling thread counts; any may look

    /**
     * A capture that keeps nothing yet.
     *
     * @param onOverLimit run once, by the filling thread, when more than {@code maxBytes} have come
     */
    Capture(int maxBytes, MemoryBudget budget, Runnable onOverLimit) {
        this.maxBytes = maxBytes;
        this.budget = budget;
        this.onOverLimit = onOverLimit;
        head = new Part(maxBytes - maxBytes / 2);
        tail = new Part(maxBytes / 2);
    }

    @Override
    public void accept(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (total + length > FIRST_BYTES) {
            tail.prepare(); // before the head takes what is left of the budget
        }
        head.fill(bytes);
        tail.fill(bytes);
        tail.wrap(bytes);
        boolean overLimit = total <= maxBytes && total + length > maxBytes;
        total += length;
        if (overLimit) {
            onOverLimit.run();
        }
    }

    /** How many bytes came so far. */
    long total() {
        return total;
    }

    /** Gives everything back; the capture is not to be used any more. */
    void discard() {
        budget.release(head.bytes.length + (long) tail.bytes.length);
    }

    /** What is kept; the capture is not to be used any more. */
    Output finish() {
        byte[] bytes = Arrays.copyOf(head.bytes, head.size + tail.size);
        tail.copyTo(bytes, head.size);
        return new Output(bytes, total, budget, head.bytes.length + (long) tail.bytes.length);
    }

    /** Bytes that grow up to a limit; once full, a ring of the last ones. */
    private final class Part {
        private int limit;
        private byte[] bytes = {};
        private int size;
        private int oldest;

        Part(int limit) {
            this.limit = limit;
        }

        /** Takes what has room. */
        void fill(ByteBuffer source) {
            if (!source.hasRemaining() || size == limit) {
                return;
            }
            int wanted = (int) Math.min(limit, (long) size + source.remaining());
            if (wanted > bytes.length) {
                grow(wanted);
            }
            int n = Math.min(source.remaining(), Math.min(limit, bytes.length) - size);
            source.get(bytes, size, n);
            size += n;
        }

        /** Takes a first piece of the budget, if there is one. */
        void prepare() {
            if (bytes.length == 0 && limit > 0) {
                grow(1);
            }
        }

        private void grow(int wanted) {
            int capacity = (int) Math.min(limit, Math.max(wanted, Math.max(FIRST_BYTES, bytes.length * 2L)));
            int more = capacity - bytes.length;
            if (!budget.tryReserve(more)) {
                limit = bytes.length; // from here on this is all the room there is
                return;
            }
            boolean grown = false;
            try {
                bytes = Arrays.copyOf(bytes, capacity);
                grown = true;
            } finally {
                if (!grown) {
                    budget.release(more);
                }
            }
        }

        /** Overwrites the oldest bytes; the part is full. */
        void wrap(ByteBuffer source) {
            if (size == 0) {
                return;
            }
            source.position(Math.max(source.position(), source.limit() - size));
            while (source.hasRemaining()) {
                int n = Math.min(source.remaining(), size - oldest);
                source.get(bytes, oldest, n);
                oldest = (oldest + n) % size;
            }
        }

        void copyTo(byte[] target, int offset) {
            System.arraycopy(bytes, oldest, target, offset, size - oldest);
            System.arraycopy(bytes, 0, target, offset + size - oldest, oldest);
        }
    }
}
