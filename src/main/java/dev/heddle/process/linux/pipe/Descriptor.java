package dev.heddle.process.linux.pipe;

import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.FileCalls;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file descriptor that the poller waits for, with a count of the calls that use it now. Its number is freed only
 * after the last of them has returned: a late call would otherwise reach the file that got the number next. Safe for
 * all threads.
 */
public final class Descriptor {
    private static final int CLOSED = 1 << 31;

    private final int fd;
    private final Poller poller;
    private final long token;
    private final AtomicInteger calls = new AtomicInteger(); // plus CLOSED, once it is to be closed

    /** Takes the number over. The watcher is told nothing before the first {@link #arm}. */
    public Descriptor(int fd, Poller poller, Poller.Watcher watcher) {
        this.fd = fd;
        this.poller = poller;
        token = poller.add(watcher);
    }

    /** Asks the poller for the next event, {@code again} if not for the first time; returns false once closed. */
    public boolean arm(int events, boolean again, Buffer buffer) throws IOException {
        if (enter() < 0) {
            return false;
        }
        try {
            poller.arm(fd, token, events, again, buffer);
            return true;
        } finally {
            leave();
        }
    }

    /** Announces a call, which {@link #leave} ends. Returns the number, or -1 if it is closed. */
    int enter() {
        int before = calls.getAndUpdate(count -> count < 0 ? count : count + 1);
        return before < 0 ? -1 : fd;
    }

    void leave() {
        if (calls.decrementAndGet() == CLOSED) {
            FileCalls.close(fd);
        }
    }

    boolean isClosed() {
        return calls.get() < 0;
    }

    /** Lets no new call begin. The last call under way closes the descriptor, or this one if there is none. */
    public void close() {
        poller.remove(token);
        if (calls.getAndUpdate(count -> count | CLOSED) == 0) {
            FileCalls.close(fd);
        }
    }
}
