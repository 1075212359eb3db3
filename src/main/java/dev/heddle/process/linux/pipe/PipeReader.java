package dev.heddle.process.linux.pipe;

import dev.heddle.process.ChildOutput;
import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.FileCalls;

import java.io.IOException;

/** The server's end of a pipe that a child writes to. One thread drains it; any thread may close it. */
final class PipeReader extends PipeEnd implements ChildOutput {
    PipeReader(int fd, Poller poller) {
        super(fd, Abi.EPOLLIN, poller);
    }

    @Override
    public boolean drainTo(Sink sink) throws IOException, InterruptedException {
        while (true) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            int fd = descriptor.enter();
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
                descriptor.leave();
            }
            switch (result) {
                case 0 -> {
                    close();
                    return false;
                }
                case -Abi.EAGAIN -> await(beforeRead);
                case -Abi.EINTR -> { /* once more */ }
                default -> throw new IOException("reading a child's output fails with errno " + -result);
            }
        }
    }

    @Override
    public boolean isDry(long sinceNanos) {
        return wasEmpty(sinceNanos);
    }
}
