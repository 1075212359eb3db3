package dev.heddle.process.jdk;

import dev.heddle.process.ChildInput;

import java.io.IOException;
import java.io.OutputStream;

/** Moves a child's stdin from the thread that feeds it. The pump lives as long as the pipe. */
final class PumpedInput extends PipePump implements ChildInput {
    private final OutputStream pipe;
    private byte[] bytes; // guarded by lock; non-null while the pump has them to write
    private int offset; // guarded by lock
    private int length; // guarded by lock
    private boolean closing; // guarded by lock; set by the feeder: end after the bytes written so far
    private boolean broken; // guarded by lock; set by the pump or by abandon: write no more

    PumpedInput(OutputStream pipe) {
        super(pipe);
        this.pipe = pipe;
    }

    @Override
    public void write(byte[] source, int from, int count) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            bytes = source;
            offset = from;
            length = count;
            changed.signalAll();
            while (bytes != null && !broken) {
                changed.await();
            }
            if (broken) {
                throw new IOException("the child's stdin is closed");
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        change(() -> closing = true);
    }

    @Override
    void abandon() {
        change(() -> broken = true);
    }

    @Override
    void end() {
        abandon();
    }

    @Override
    void move() throws IOException {
        while (awaitBytes()) {
            pipe.write(bytes, offset, length); // the three stay as they are until bytes is null
            pipe.flush();
            change(() -> bytes = null);
        }
    }

    private boolean awaitBytes() {
        lock.lock();
        try {
            while (bytes == null && !closing && !broken) {
                changed.awaitUninterruptibly();
            }
            return bytes != null && !broken;
        } finally {
            lock.unlock();
        }
    }
}
