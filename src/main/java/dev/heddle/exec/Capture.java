package dev.heddle.exec;

import dev.heddle.process.ChildOutput;

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
    public void accept(byte[] buffer, int offset, int length) {
        if (total + length > FIRST_BYTES) {
            tail.prepare(); // before the head takes what is left of the budget
        }
        int taken = head.fill(buffer, offset, length);
        taken += tail.fill(buffer, offset + taken, length - taken);
        tail.wrap(buffer, offset + taken, length - taken);
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

        /** Takes what has room, and says how much that was. */
        int fill(byte[] source, int offset, int length) {
            if (length == 0 || size == limit) {
                return 0;
            }
            int wanted = (int) Math.min(limit, (long) size + length);
            if (wanted > bytes.length) {
                grow(wanted);
            }
            int n = Math.min(length, Math.min(limit, bytes.length) - size);
            System.arraycopy(source, offset, bytes, size, n);
            size += n;
            return n;
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
        void wrap(byte[] source, int offset, int length) {
            if (size == 0) {
                return;
            }
            int skip = Math.max(0, length - size);
            int from = offset + skip;
            int left = length - skip;
            while (left > 0) {
                int n = Math.min(left, size - oldest);
                System.arraycopy(source, from, bytes, oldest, n);
                oldest = (oldest + n) % size;
                from += n;
                left -= n;
            }
        }

        void copyTo(byte[] target, int offset) {
            System.arraycopy(bytes, oldest, target, offset, size - oldest);
            System.arraycopy(bytes, 0, target, offset + size - oldest, oldest);
        }
    }
}
