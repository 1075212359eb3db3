package dev.heddle.process.linux.pipe;

import dev.heddle.process.linux.ffi.FileCalls;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file descriptor of ours and the number of calls that use it now. The kernel's number is freed only after
 * the last of them has returned: a call that came too late would otherwise reach whatever got the number
 * next. Safe for use by any threads; closed by the child it belongs to.
 */
public final class Descriptor {
    private static final int CLOSED = 1 << 31;

    private final int fd;
    private final AtomicInteger calls = new AtomicInteger(); // and CLOSED, once it is to be closed

    public Descriptor(int fd) {
        this.fd = fd;
    }

    /** Announces a call, to be followed by {@link #leave}. Returns the number, or -1 if it is closed. */
    public int enter() {
        int seen;
        do {
            seen = calls.get();
            if (seen < 0) {
                return -1;
            }
        } while (!calls.compareAndSet(seen, seen + 1));
        return fd;
    }

    public void leave() {
        if (calls.decrementAndGet() == CLOSED) {
            FileCalls.close(fd);
        }
    }

    boolean isClosed() {
        return calls.get() < 0;
    }

    /** Lets no new call begin. The last one under way closes it, or this one if there is none. */
    public void close() {
        int seen;
        do {
            seen = calls.get();
            if (seen < 0) {
                return;
            }
        } while (!calls.compareAndSet(seen, seen | CLOSED));
        if (seen == 0) {
            FileCalls.close(fd);
        }
    }
}
