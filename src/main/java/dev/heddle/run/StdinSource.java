package dev.heddle.run;

import dev.heddle.command.Payload;

import java.nio.ByteBuffer;

/**
 * What a program reads from its stdin, piece by piece.
 *
 * <p><b>Threading:</b> one thread of the command's scope takes the pieces; any may close it.
 */
public interface StdinSource {
    /**
     * Waits for the next piece, which lies in an array. The one before has been written to the program's pipe by then.
     *
     * @return null when no more comes; {@link #isComplete} tells whether that is the end of the input
     * @throws InterruptedException when interrupted, which happens when the command ends
     */
    ByteBuffer next() throws InterruptedException;

    /**
     * Whether the program has got all that it was to read, for after the last piece. If not, the client has broken
     * off: the program must not take that for the end of its input, so its pipe stays open until it is gone.
     */
    boolean isComplete();

    /** The program has closed its stdin before the end: its right, as in {@code | head -1}. */
    void refused() throws InterruptedException;

    /** The command has ended. A wait for the next piece is over, and there is none. Does not block. */
    void close();

    /** Makes a source of bytes that are known from the start. */
    static StdinSource of(Payload payload) {
        return new StdinSource() {
            @Override
            public ByteBuffer next() {
                byte[] piece = payload.next();
                return piece == null ? null : ByteBuffer.wrap(piece);
            }

            @Override
            public boolean isComplete() {
                return payload.isComplete();
            }

            @Override
            public void refused() {
                payload.close();
            }

            @Override
            public void close() {
                payload.close();
            }
        };
    }
}
