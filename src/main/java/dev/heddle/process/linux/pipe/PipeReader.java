package dev.heddle.process.linux.pipe;

import dev.heddle.process.ChildOutput;
import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.FileCalls;

import java.io.IOException;

/**
 * The server's end of a pipe that a child writes to.
 *
 * <p><b>Threading:</b> one thread drains it; any thread may close it.
 */
final class PipeReader implements ChildOutput {
    private final PipeEnd end;

    PipeReader(int fd, Poller poller) {
        end = new PipeEnd(fd, Abi.EPOLLIN, poller);
    }

    @Override
    public boolean drainTo(Sink sink) throws IOException, InterruptedException {
        while (true) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            int fd = end.enter();
            if (fd < 0) {
                return false;
            }
            int result;
            long beforeRead = System.nanoTime();
            try (Buffer buffer = Buffer.borrow()) {
                result = FileCalls.read(fd, buffer, Math.min(buffer.size(), sink.room()));
                if (result > 0) {
                    sink.accept(buffer.first(result));
                    return true;
                }
            } finally {
                end.leave();
            }
            switch (result) {
                case 0 -> {
                    end.close();
                    return false;
                }
                case -Abi.EAGAIN -> end.await(beforeRead);
                case -Abi.EINTR -> { /* once more */ }
                default -> throw new IOException("reading a child's output fails with errno " + -result);
            }
        }
    }

    @Override
    public boolean isDry(long sinceNanos) {
        return end.wasEmpty(sinceNanos);
    }

    /** Tells that the leader has ended. On the poller's thread. */
    void leaderEnded() {
        end.leaderEnded();
    }

    void close() {
        end.close();
    }
}
