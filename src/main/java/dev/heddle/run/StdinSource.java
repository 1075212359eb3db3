package dev.heddle.run;

/** What a program reads from its stdin, piece by piece. One thread of the command's scope takes it. */
public interface StdinSource {
    /**
     * Waits for the next piece; all pieces before have been written to the program's pipe by then.
     *
     * @return null when no more comes; {@link #isComplete} tells whether that is the end of the input
     * @throws InterruptedException when interrupted, which happens when the command ends
     */
    byte[] next() throws InterruptedException;

    /**
     * Whether the program has got all that it was to read, for after the last piece. If not, the client has broken
     * off: the program must not take that for the end of its input, so its pipe stays open until it is gone.
     */
    boolean isComplete();

    /** The program has closed its stdin before the end: its right, as in {@code | head -1}. */
    void refused() throws InterruptedException;

    /** The command has ended. A wait for the next piece is over, and there is none. Does not block. */
    void close();

    /** A source of these bytes, known from the start. */
    static StdinSource of(byte[] bytes) {
        return new StdinSource() {
            private boolean taken;

            @Override
            public byte[] next() {
                byte[] piece = taken ? null : bytes;
                taken = true;
                return piece;
            }

            @Override
            public boolean isComplete() {
                return taken;
            }

            @Override
            public void refused() {
                taken = true;
            }

            @Override
            public void close() {
                // Nobody waits for bytes that are here already.
            }
        };
    }
}
