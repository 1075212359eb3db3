package dev.heddle.exec;

/** What a program reads from its stdin, piece by piece. One thread of the command's scope takes it. */
public interface StdinSource {
    /**
     * Waits for the next piece; all pieces before have been written to the program's pipe by then.
     *
     * @return null at the end
     * @throws InterruptedException when interrupted, which happens when the command ends
     */
    byte[] next() throws InterruptedException;

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
