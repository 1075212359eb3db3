package dev.heddle.resp;

/**
 * A request: a verb and its arguments, at least the verb. Its holder closes it when the words are not needed any more:
 * a large request counts against the {@link RequestBudget} until then.
 *
 * <p><b>Threading:</b> used by one thread at a time.
 */
public final class Request implements AutoCloseable {
    private final Words words;
    private final RequestBudget budget;
    private final long heldBytes;
    private long reservedBytes;

    Request(Object[] words, RequestBudget budget, long heldBytes, long reservedBytes) {
        this.words = new Words(words, budget);
        this.heldBytes = heldBytes;
        this.budget = budget;
        this.reservedBytes = reservedBytes;
    }

    /** The words, binary-safe, until the request is closed. */
    public Words words() {
        return words;
    }

    /** How many bytes the words hold in memory, reserved or not. */
    public long heldBytes() {
        return heldBytes;
    }

    /** How much of that counts against the budget until it is closed. */
    public long reservedBytes() {
        return reservedBytes;
    }

    /**
     * Lets go of the words, which a thread that waits for the next request may still refer to, and returns their
     * reservation to the budget. Closing again does nothing.
     */
    @Override
    public void close() {
        words.close();
        if (reservedBytes > 0) {
            budget.release(reservedBytes);
            reservedBytes = 0;
        }
    }
}
