package dev.heddle.memory;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * What an {@link OutputLog} keeps of the output, and for how long.
 *
 * <p><b>Threading:</b> the log guards it by its lock.
 */
sealed interface Retention permits HeadAndTail, Unread {
    /** Counts all bytes, and keeps what it may. */
    void append(int stream, ByteBuffer source);

    /** Whether the writer has to wait for the reader. */
    boolean isFull();

    /** How many bytes may be appended at once. */
    int room();

    /**
     * Hands out what is kept from an offset on.
     *
     * @param maxBytes    how much at most, at least 1; one that forgets what it hands out may give a little more
     * @param maxSegments of how many segments at most, at least 1
     * @return where to go on; what is not kept is passed over
     */
    long read(long offset, int maxBytes, int maxSegments, Page.Parts target);

    /** What was handed out by the last read has been sent, or is lost. */
    void sent();

    void forEach(Consumer<Segment> action);

    /** In how many segments it is kept. */
    int segments();

    /** How many bytes came so far. */
    long total();

    /** How many of them are kept, or were handed out. */
    long kept();

    /** All output is here. */
    void finish();

    /** Forgets everything; from now on nothing is kept. */
    void discard();
}
