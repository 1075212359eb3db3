package dev.heddle.process.linux.pipe;

import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.Buffer;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Our non-blocking end of a pipe, and the one thread that may wait for it. Waiting is parking, for virtual
 * and platform threads alike, until the poller, an interrupt or a close from another thread ends it.
 */
final class PipeEnd implements Poller.Watcher {
    private static final Duration SURELY_EMPTY = Duration.ofMillis(100);

    private final Descriptor descriptor;
    private final int events;
    private final Poller poller;
    private final long token;
    private boolean armedBefore; // the using thread's alone
    private boolean leaderEnded; // the poller's thread's alone
    private volatile long waitingSinceNanos; // 0 while nobody waits; written by the using thread, read by any
    private volatile long foundEmptyNanos = System.nanoTime(); // the same: the last time it was not ready
    private volatile Thread waiting; // written by the using thread, read by who wakes it
    private volatile boolean ready; // set by the poller, cleared by the using thread before it arms

    PipeEnd(int fd, int events, Poller poller) {
        descriptor = new Descriptor(fd);
        this.events = events;
        this.poller = poller;
        token = poller.add(this); // nothing comes before it is armed
    }

    /** See {@link Descriptor#enter}. */
    int enter() {
        return descriptor.enter();
    }

    void leave() {
        descriptor.leave();
    }

    /**
     * Parks until the pipe may be ready, or is closed here: the caller tries again and finds out.
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
     * Whether the pipe was found not ready after a moment, or somebody has waited for it ever since, for so long
     * that an event would have come if there were one. From any thread.
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

    /** A hang-up alone is the end of a pipe without anything left to read: see {@code poll(2)}. */
    @Override
    public void ready(int events) {
        if ((events & (Abi.EPOLLIN | Abi.EPOLLHUP)) == Abi.EPOLLHUP && !leaderEnded) {
            poller.postpone(this);
        } else {
            wake();
        }
    }

    /** The exit that may come with the pipe's end has come. On the poller's thread. */
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

    /** Any thread; wakes the waiting one. */
    void close() {
        descriptor.close();
        poller.remove(token);
        LockSupport.unpark(waiting);
    }
}
