package dev.heddle.resp;

/**
 * Memory for requests that are large: how much of it there is, and where pieces of long words come from.
 *
 * <p><b>Threading:</b> any thread may call it; no method may block.
 */
public interface RequestBudget {
    RequestBudget UNLIMITED = new RequestBudget() {
        @Override
        public boolean reserve(long bytes) {
            return true;
        }

        @Override
        public void release(long bytes) {} // nothing is counted
    };

    /** Reserves this many bytes, more than 0, or none of them; false is a refusal. */
    boolean reserve(long bytes);

    /** Returns how much of a request is not reserved here: it is as cheap as its connection, or counted elsewhere. */
    default int freeBytes() {
        return 16 << 10;
    }

    /** Returns bytes that were reserved before. */
    void release(long bytes);

    /** How long the pieces of a long word are, but for the last one. */
    default int chunkBytes() {
        return 16 << 10;
    }

    /** Returns an array of {@link #chunkBytes}, which was reserved before. */
    default byte[] takeChunk() {
        return new byte[chunkBytes()];
    }

    /** Takes back an array that held a piece of a long word, perhaps the last one. */
    default void giveBack(byte[] piece) {} // it is garbage
}
