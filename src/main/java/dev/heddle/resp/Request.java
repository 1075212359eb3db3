package dev.heddle.resp;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/**
 * A request: a command's name and its arguments, at least the name. Whoever holds it closes it when its words
 * are not needed any more: a large one counts against the {@link RequestBudget} until then. Used by one
 * thread at a time.
 */
public final class Request implements AutoCloseable {
    private static final byte[][] NO_WORDS = {};

    private final Words words;
    private final RequestBudget budget;
    private final long heldBytes;
    private long reservedBytes;

    /** Takes over the array, and what is reserved for it. */
    Request(byte[][] words, RequestBudget budget, long heldBytes, long reservedBytes) {
        this.words = new Words(words);
        this.heldBytes = heldBytes;
        this.budget = budget;
        this.reservedBytes = reservedBytes;
    }

    /**
     * The words, binary-safe, until the request is closed. The list cannot be changed; the arrays are not copied and
     * must not be changed.
     */
    public List<byte[]> words() {
        return words;
    }

    /** What the words hold in memory, reserved or not. */
    public long heldBytes() {
        return heldBytes;
    }

    /** How much of that counts against the budget until it is closed. */
    public long reservedBytes() {
        return reservedBytes;
    }

    /**
     * Lets go of the words, and returns their reservation to the budget: a thread that waits for the next request may
     * still hold this one. Closing again does nothing.
     */
    @Override
    public void close() {
        words.words = NO_WORDS;
        if (reservedBytes > 0) {
            budget.release(reservedBytes);
            reservedBytes = 0;
        }
    }

    /** One small object around the array: {@code List.of} would copy it, once for each request. */
    private static final class Words extends AbstractList<byte[]> implements RandomAccess {
        private byte[][] words;

        Words(byte[][] words) {
            this.words = words;
        }

        @Override
        public byte[] get(int index) {
            return words[index];
        }

        @Override
        public int size() {
            return words.length;
        }
    }
}
