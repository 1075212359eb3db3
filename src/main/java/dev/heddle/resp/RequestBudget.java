package dev.heddle.resp;

/**
 * The memory that the large requests of all connections share. Any thread may call it, none may block in it.
 */
public interface RequestBudget {
    /** Always grants. */
    RequestBudget UNLIMITED = new RequestBudget() {
        @Override
        public boolean reserve(long bytes) {
            return true;
        }

        @Override
        public void release(long bytes) {
            // nothing is counted
        }
    };

    /** Takes this many bytes, more than 0, or none of them; false is a refusal. */
    boolean reserve(long bytes);

    /** How much of a request need not be reserved here: it is as cheap as its connection, or counted elsewhere. */
    default int freeBytes() {
        return 16 << 10;
    }

    /** Gives back what was reserved before. */
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
    default void giveBack(byte[] piece) {
        // it is garbage
    }
}
