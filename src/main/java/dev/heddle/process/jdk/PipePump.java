package dev.heddle.process.jdk;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Moves the data of one pipe on a pump thread, so that only that thread blocks in the pipe.
 *
 * <p><b>Threading:</b> the pump runs on its thread, one other thread exchanges data with it, any thread may abandon it.
 */
abstract class PipePump {
    final ReentrantLock lock = new ReentrantLock();
    final Condition changed = lock.newCondition();
    private final Closeable pipe;

    PipePump(Closeable pipe) {
        this.pipe = pipe;
    }

    /**
     * Holds the stream's monitor for its whole life. When the leader ends, the JDK's reaper thread enters the monitor:
     * it closes the pipe to stdin, which processes that outlive the leader would take for the end of their input, and
     * reads the other two until they are empty, without a bound, and then closes them: a process that writes for ever
     * would fill the heap, and another would die of its next output. It finds a closed stream instead.
     *
     * @param held released once this has the monitor
     */
    final void run(Semaphore held) {
        synchronized (pipe) {
            held.release();
            try (pipe) {
                move();
            } catch (IOException e) {
                // The child closed its stdin, as `head -1` does, which is its right, or the pipe was closed under here.
            } finally {
                end();
            }
        }
    }

    /** Moves the data until the end. Blocks. */
    abstract void move() throws IOException;

    /** Lets the other thread see the end. */
    abstract void end();

    /** Frees the other thread now, and lets the pump end; one that blocks ends when the child's end is closed. */
    abstract void abandon();

    /** Changes what the lock guards, and wakes the thread that waits for it. */
    final void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
