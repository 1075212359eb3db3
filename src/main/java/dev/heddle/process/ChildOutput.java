package dev.heddle.process;

import java.io.IOException;

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

    /** Takes bytes out of a buffer that belongs to the engine: they are valid during the call only. */
    interface Sink {
        void accept(byte[] buffer, int offset, int length) throws IOException, InterruptedException;
    }

    /**
     * Waits until the child has written something and hands it to the sink. While the sink blocks, the pipe
     * fills and the child waits: that is the backpressure.
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
