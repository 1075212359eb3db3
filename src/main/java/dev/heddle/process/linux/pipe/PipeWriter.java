package dev.heddle.process.linux.pipe;

import dev.heddle.process.ChildInput;
import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.FileCalls;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The server's end of the pipe that is a child's stdin. One thread writes; any thread may close it. A write to a pipe
 * without a reader fails by its errno: the SIGPIPE does nothing, because the JVM handles it.
 */
final class PipeWriter extends PipeEnd implements ChildInput {
    PipeWriter(int fd, Poller poller) {
        super(fd, Abi.EPOLLOUT, poller);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException, InterruptedException {
        int written = 0;
        while (written < length) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            int result = tryWrite(bytes, offset + written, length - written);
            switch (result) {
                case -Abi.EAGAIN -> await(System.nanoTime());
                case -Abi.EINTR -> { /* once more */ }
                case -Abi.EPIPE -> throw new IOException("the child has closed its stdin");
                default -> {
                    if (result < 0) {
                        throw new IOException("writing to a child's stdin fails with errno " + -result);
                    }
                    written += result;
                }
            }
        }
    }

    private int tryWrite(byte[] bytes, int offset, int length) throws IOException {
        int fd = descriptor.enter();
        if (fd < 0) {
            throw new IOException("the child's stdin is closed");
        }
        try (Buffer buffer = Buffer.borrow()) {
            int count = Math.min(length, buffer.size());
            MemorySegment.copy(bytes, offset, buffer.memory, ValueLayout.JAVA_BYTE, 0, count);
            return FileCalls.write(fd, buffer, count);
        } finally {
            descriptor.leave();
        }
    }
}
