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
final class PipeEnd implements Poller.Watcher {
    private static final Duration SURELY_EMPTY = Duration.ofMillis(100);

    private final Descriptor descriptor;
    private final int events;
    private final Poller poller;
    private final long token;
    private boolean armedBefore; // used by the using thread only
    private boolean leaderEnded; // used on the poller's thread only
    private volatile long waitingSinceNanos; // 0 while no thread waits; written by the using thread, read by any
    private volatile long foundEmptyNanos = System.nanoTime(); // written by the using thread, read by any
    private volatile Thread waiting; // written by the using thread, read by the one that wakes it
    private volatile boolean ready; // set by the poller, cleared by the using thread before it arms

    PipeEnd(int fd, int events, Poller poller) {
        descriptor = new Descriptor(fd);
        this.events = events;
        this.poller = poller;
        token = poller.add(this); // nothing comes before it is armed
    }

    /** Announces a call on the descriptor, see {@link Descriptor#enter}. */
    int enter() {
        return descriptor.enter();
    }

    void leave() {
        descriptor.leave();
    }

    /**
     * Parks until the pipe may be ready or is closed here; the caller tries again and finds out.
     *
     * @param triedNanos a moment before the try that found the pipe not ready
     */
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

    /**
     * Whether the pipe was found not ready after the moment, or a thread has waited for it ever since, for so long that
     * an event would have come if there were one. From any thread.
     */
    boolean wasEmpty(long sinceNanos) {
        long waitingSince = waitingSinceNanos;
        return foundEmptyNanos - sinceNanos > 0 || waitingSince != 0 && !ready
                && System.nanoTime() - Math.max(waitingSince, sinceNanos) > SURELY_EMPTY.toNanos();
    }

    private boolean arm() throws IOException {
        int fd = descriptor.enter();
        if (fd < 0) {
            return false;
        }
        try (Buffer buffer = Buffer.borrow()) {
            poller.arm(fd, token, events, armedBefore, buffer);
            armedBefore = true;
            return true;
        } finally {
            descriptor.leave();
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
    void close() {
        descriptor.close();
        poller.remove(token);
        LockSupport.unpark(waiting);
    }
}
