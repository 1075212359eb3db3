package dev.heddle.process.jdk;

import dev.heddle.process.ChildInput;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Moves a child's stdin from the thread that feeds it to a pump thread, which alone blocks when the child does
 * not read. The pump starts with the first write and ends with the pipe.
 */
final class PumpedInput implements ChildInput {
    private final OutputStream pipe;
    private final Executor pumps;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private byte[] bytes; // guarded by lock; non-null while the pump has them to write
    private int offset; // guarded by lock
    private int length; // guarded by lock
    private boolean pumping; // guarded by lock; set by the first write
    private boolean closing; // guarded by lock; set by the feeder: end after what is written
    private boolean broken; // guarded by lock; set by the pump or by abandon: write no more

    PumpedInput(OutputStream pipe, Executor pumps) {
        this.pipe = pipe;
        this.pumps = pumps;
    }

    @Override
    public void write(byte[] source, int from, int count) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            bytes = source;
            offset = from;
            length = count;
            startPump();
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
        end(false);
    }

    /** Frees a blocked writer now. A pump that is under way ends when the last reader of the pipe is gone. */
    void abandon() {
        end(true);
    }

    private void end(boolean abandoned) {
        boolean unused;
        lock.lock();
        try {
            closing = true;
            broken |= abandoned;
            unused = !pumping;
            pumping = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (unused) {
            pump(); // nothing was ever written: this only closes the pipe
        }
    }

    private void startPump() {
        if (!pumping) {
            pumps.execute(this::pump);
            pumping = true; // only then: if there is no thread, close has to close the pipe
        }
    }

    private void pump() {
        try (pipe) {
            while (awaitBytes()) {
                pipe.write(bytes, offset, length); // the three stay as they are until written()
                pipe.flush();
                written();
            }
        } catch (IOException e) {
            // EPIPE: the child closed its stdin, as `head -1` does. That is its right; the feeder is told.
        } finally {
            abandon();
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

    private void written() {
        lock.lock();
        try {
            bytes = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
