package dev.heddle.process.linux.pipe;

import dev.heddle.process.linux.ffi.FileCalls;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file descriptor, with a count of the calls that use it now. Its number is freed only after the last of them has
 * returned: a late call would otherwise reach the file that got the number next.
 *
 * <p><b>Threading:</b> safe for all threads; the child that it belongs to closes it.
 */
public final class Descriptor {
    private static final int CLOSED = 1 << 31;

    private final int fd;
    private final AtomicInteger calls = new AtomicInteger(); // plus CLOSED, once it is to be closed

    public Descriptor(int fd) {
        this.fd = fd;
    }

    /** Announces a call, which {@link #leave} ends. Returns the number, or -1 if it is closed. */
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

    /** Lets no new call begin. The last call under way closes the descriptor, or this one if there is none. */
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
