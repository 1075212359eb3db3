package dev.heddle.process.linux.pipe;

import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.Buffer;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The server's non-blocking end of a pipe. Waiting for it is parking, for virtual and platform threads alike, until the
 * poller, an interrupt or a close ends it.
 *
 * <p><b>Threading:</b> one thread at a time uses the pipe and waits for it; any thread may close it.
 */
abstract class PipeEnd implements Poller.Watcher {
    private static final Duration SURELY_EMPTY = Duration.ofMillis(100);

    final Descriptor descriptor;
    private final int events;
    private final Poller poller;
    private boolean armedBefore; // used by the using thread only
    private boolean leaderEnded; // used on the poller's thread only
    private volatile long waitingSinceNanos; // 0 while no thread waits; written by the using thread, read by any
    private volatile long foundEmptyNanos = System.nanoTime(); // written by the using thread, read by any
    private volatile Thread waiting; // written by the using thread, read by the one that wakes it
    private volatile boolean ready; // set by the poller, cleared by the using thread before it arms

    PipeEnd(int fd, int events, Poller poller) {
        descriptor = new Descriptor(fd, poller, this);
        this.events = events;
        this.poller = poller;
    }

    /** Parks until the pipe may be ready or is closed here; the caller tries again, as it did at this moment before. */
    void await(long triedNanos) throws IOException, InterruptedException {
        foundEmptyNanos = triedNanos;
        ready = false;
        waiting = Thread.currentThread();
        waitingSinceNanos = System.nanoTime() | 1;
        try {
            if (!arm()) {
                return;
            }
            while (!ready && !descriptor.isClosed()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                LockSupport.park(this);
            }
        } finally {
            waiting = null;
            waitingSinceNanos = 0;
        }
    }

    /** Whether the pipe was found not ready after the moment, or has been waited for since, for surely long enough. */
    boolean wasEmpty(long sinceNanos) {
        long waitingSince = waitingSinceNanos;
        return foundEmptyNanos - sinceNanos > 0 || waitingSince != 0 && !ready
                && System.nanoTime() - Math.max(waitingSince, sinceNanos) > SURELY_EMPTY.toNanos();
    }

    private boolean arm() throws IOException {
        try (Buffer buffer = Buffer.borrow()) {
            armedBefore = descriptor.arm(events, armedBefore, buffer);
            return armedBefore;
        }
    }

    /** Takes a hang-up alone as the end of a pipe with nothing left to read, see {@code poll(2)}. */
    @Override
    public void ready(int events) {
        if ((events & (Abi.EPOLLIN | Abi.EPOLLHUP)) == Abi.EPOLLHUP && !leaderEnded) {
            poller.postpone(this);
        } else {
            wake();
        }
    }

    /** Wakes a reader that was postponed until the leader's end. On the poller's thread. */
    void leaderEnded() {
        leaderEnded = true;
        if (poller.isDue(this)) {
            wake();
        }
    }

    /** Lets the waiting thread try again. On the poller's thread. */
    void wake() {
        ready = true;
        LockSupport.unpark(waiting);
    }

    /** Closes the pipe and wakes the waiting thread. */
    public void close() {
        descriptor.close();
        LockSupport.unpark(waiting);
    }
}
