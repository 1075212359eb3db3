package dev.heddle.process;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The reading end of a pipe that a child writes to. The engine owns the buffers: a silent child takes none. */
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

    /** Takes a child's output. */
    interface Sink {
        /** Waits until more can be taken. Called before each read: meanwhile the pipe fills and the child waits. */
        default void awaitRoom() throws InterruptedException {
            // there is always room
        }

        /** The most bytes to read at once, at least 1. An engine that holds few children need not ask. */
        default int room() {
            return Integer.MAX_VALUE;
        }

        /** Takes all bytes, without blocking. They belong to the engine and are valid only during the call. */
        void accept(ByteBuffer bytes);
    }

    /**
     * Waits until the child has written something and hands it to the sink, which the caller has asked for room.
     * Returns false at the end of the output, or when the pipe was closed here. After an interrupt the pipe stays
     * usable.
     */
    boolean drainTo(Sink sink) throws IOException, InterruptedException;

    /**
     * Whether the pipe was seen empty after a moment by {@link System#nanoTime}: then everything written before that
     * moment has been taken. Output that is only drained slowly, because the host is busy, is not dry. From any thread;
     * does not block.
     */
    boolean isDry(long sinceNanos);
}
