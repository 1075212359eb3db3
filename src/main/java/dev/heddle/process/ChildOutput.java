package dev.heddle.process;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The reading end of a pipe that a child writes to. The engine owns the buffers: a silent child needs none. */
public interface ChildOutput {
    /** An output that is at its end. */
    ChildOutput ENDED = new ChildOutput() {
        @Override
        public boolean drainTo(Sink sink) {
            return false;
        }

        @Override
        public boolean isDry(long sinceNanos) {
            return false;
        }
    };

    /** Where output goes to. */
    interface Sink {
        /** Waits until more can be taken. Comes before each read: meanwhile the pipe fills and the child waits. */
        default void awaitRoom() throws InterruptedException {
            // there is always room
        }

        /** How many bytes are to be read at once, at least 1. An engine that holds few children need not ask. */
        default int room() {
            return Integer.MAX_VALUE;
        }

        /** Takes all bytes, without blocking. They belong to the engine and are valid during the call only. */
        void accept(ByteBuffer bytes);
    }

    /**
     * Waits until the child has written something and hands it to the sink, which the caller has asked for room.
     *
     * @return false at the end of the output, or when the pipe was closed here
     * @throws InterruptedException when interrupted while waiting; the pipe stays usable
     */
    boolean drainTo(Sink sink) throws IOException, InterruptedException;

    /**
     * Whether the pipe has been seen empty after a moment: then all that was written before it has been taken. A
     * drain that is only slow, because the host is busy, is not dry. From any thread; does not block.
     *
     * @param sinceNanos the moment, by {@link System#nanoTime}
     */
    boolean isDry(long sinceNanos);
}
