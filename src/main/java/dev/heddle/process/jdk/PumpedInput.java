package dev.heddle.process.jdk;

import dev.heddle.process.ChildInput;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Moves a child's stdin from the thread that feeds it to a pump thread, so that only the pump blocks when the child
 * does not read. The pump lives as long as the pipe.
 */
final class PumpedInput implements ChildInput {
    private final OutputStream pipe;
    private final Semaphore held = new Semaphore(0); // released once the pump has the stream's monitor
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private byte[] bytes; // guarded by lock; non-null while the pump has them to write
    private int offset; // guarded by lock
    private int length; // guarded by lock
    private boolean closing; // guarded by lock; set by the feeder: end after the bytes written so far
    private boolean broken; // guarded by lock; set by the pump or by abandon: write no more

    private PumpedInput(OutputStream pipe) {
        this.pipe = pipe;
    }

    static PumpedInput start(OutputStream pipe, Executor pumps) {
        PumpedInput input = new PumpedInput(pipe);
        pumps.execute(input::pump);
        return input;
    }

    /** Waits until the pump holds the stream; blocks for as long as a thread takes to start, interrupted or not. */
    void awaitHeld() {
        held.acquireUninterruptibly();
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
        end(false);
    }

    /** Frees a blocked writer now. A pump that is writing ends when the last reader of the pipe is gone. */
    void abandon() {
        end(true);
    }

    private void end(boolean abandoned) {
        lock.lock();
        try {
            closing = true;
            broken |= abandoned;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Holds the stream's monitor for its whole life: when the leader ends, the JDK's reaper thread enters the monitor
     * and closes the pipe, and processes that outlive the leader would take that for the end of their input.
     */
    private void pump() {
        synchronized (pipe) {
            held.release();
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
