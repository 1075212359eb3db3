package dev.heddle.process.linux;

import dev.heddle.process.ChildOutput;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Our end of a pipe that a child writes to. One thread drains it; any thread may close it. */
final class PipeReader implements ChildOutput {
    private final PipeEnd end;

    PipeReader(int fd, Poller poller) {
        end = new PipeEnd(fd, Abi.EPOLLIN, poller);
    }

    @Override
    public boolean drainTo(Sink sink) throws IOException, InterruptedException {
        byte[] bytes = next();
        if (bytes == null) {
            end.close();
            return false;
        }
        sink.accept(bytes, 0, bytes.length);
        return true;
    }

    /** What the pipe holds now or next, or null at its end. */
    private byte[] next() throws IOException, InterruptedException {
        while (true) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            int fd = end.enter();
            if (fd < 0) {
                return null;
            }
            int result;
            long beforeRead = System.nanoTime();
            try (Buffer buffer = Buffer.borrow()) {
                result = FileCalls.read(fd, buffer, buffer.size());
                if (result > 0) {
                    return copy(buffer, result);
                }
            } finally {
                end.leave();
            }
            switch (result) {
                case 0 -> {
                    return null;
                }
                case -Abi.EAGAIN -> end.await(beforeRead);
                case -Abi.EINTR -> { /* once more */ }
                default -> throw new IOException("reading a child's output fails with errno " + -result);
            }
        }
    }

    /**
     * Into memory of just this size: the sink may keep its caller waiting for long, with backpressure, and
     * must not hold a whole buffer for a few bytes meanwhile.
     */
    private static byte[] copy(Buffer buffer, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(buffer.memory, ValueLayout.JAVA_BYTE, 0, bytes, 0, length);
        return bytes;
    }

    @Override
    public boolean isDry(long sinceNanos) {
        return end.wasEmpty(sinceNanos);
    }

    void close() {
        end.close();
    }
}
