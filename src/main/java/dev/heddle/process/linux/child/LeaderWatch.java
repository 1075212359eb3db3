package dev.heddle.process.linux.child;

import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.pipe.Descriptor;
import dev.heddle.process.linux.pipe.Poller;

import java.io.IOException;

/** Lets the poller tell of a leader's end, through its pidfd. */
final class LeaderWatch {
    private final Descriptor pidfd;
    private final Poller poller;
    private final long token;

    /** Takes the pidfd over. The watcher is told nothing before the first {@link #arm}. */
    LeaderWatch(int pidfd, Poller poller, Poller.Watcher watcher) {
        this.pidfd = new Descriptor(pidfd);
        this.poller = poller;
        token = poller.add(watcher);
    }

    /**
     * Asks for the next event; does nothing once this is closed.
     *
     * @param again whether it was asked for before
     * @throws IOException when the kernel has no room for it
     */
    void arm(boolean again, Buffer buffer) throws IOException {
        int fd = pidfd.enter();
        if (fd >= 0) {
            try {
                poller.arm(fd, token, Abi.EPOLLIN, again, buffer);
            } finally {
                pidfd.leave();
            }
        }
    }

    void close() {
        poller.remove(token);
        pidfd.close();
    }
}
