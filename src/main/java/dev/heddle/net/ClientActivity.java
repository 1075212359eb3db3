package dev.heddle.net;

import dev.heddle.time.AwakeClock;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * When a client did what its {@link ClientTimeouts} is measured by. The client's threads write, {@link ClientWatch}
 * reads: so no read needs a timer, and only a read that blocks inside a request looks at the clock before.
 */
public final class ClientActivity {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final AwakeClock clock;
    private volatile long strangerSinceNanos; // 0 for who has logged in; set by who executes requests
    /** 0 between requests; inside one its beginning, moved on by what came. The reading thread sets. */
    private volatile long requestSinceNanos;
    private volatile long activeNanos; // the last read or write; both threads set

    /** Something that a client is too slow with. */
    enum Overdue { LOGIN, REQUEST, IDLE }

    ClientActivity(AwakeClock clock) {
        this.clock = clock;
        activeNanos = clock.nanoTime();
    }

    private long now() {
        return clock.nanoTime() | 1; // 0 means none
    }

    /** Counts what the client sends. */
    InputStream of(InputStream input) {
        return new FilterInputStream(input) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                int count = in.read(bytes, offset, length);
                if (count > 0) {
                    came(count);
                }
                return count;
            }
        };
    }

    /**
     * The client has sent something. Inside a request that earns time, and never more than has passed: whoever has
     * sent much may be silent for no longer than anybody else.
     */
    private void came(int bytes) {
        long now = now();
        activeNanos = now;
        long since = requestSinceNanos;
        if (since != 0) {
            long earned = bytes * NANOS_PER_SECOND / ClientTimeouts.LEAST_BYTES_PER_SECOND;
            requestSinceNanos = earned < now - since ? (since + earned) | 1 : now;
        }
    }

    /** The client was written to. */
    void active(long nanos) {
        activeNanos = nanos;
    }

    /** Whether the client has still to log in, from now on. For the thread that executes its requests. */
    public void stranger(boolean isStranger) {
        if (isStranger != (strangerSinceNanos != 0)) {
            strangerSinceNanos = isStranger ? now() : 0;
        }
    }

    /** The reading thread is about to read, for the rest of a request or for the next one. */
    public void reads(boolean insideRequest) {
        if (insideRequest && requestSinceNanos == 0) {
            requestSinceNanos = now();
        }
    }

    /** The reading thread has a whole request. */
    public void requestCame() {
        if (requestSinceNanos != 0) {
            requestSinceNanos = 0;
        }
    }

    /** What the client is late with; for being idle it matters also whether the server has something to do. */
    Optional<Overdue> overdue(ClientTimeouts patience) {
        long now = clock.nanoTime();
        long stranger = strangerSinceNanos;
        if (stranger != 0 && isOver(patience.login(), now - stranger)) {
            return Optional.of(Overdue.LOGIN);
        }
        long request = requestSinceNanos;
        if (request != 0) {
            return isOver(patience.request(), now - request) ? Optional.of(Overdue.REQUEST) : Optional.empty();
        }
        return isOver(patience.idle(), now - activeNanos) ? Optional.of(Overdue.IDLE) : Optional.empty();
    }

    private static boolean isOver(Duration limit, long nanos) {
        return !limit.isZero() && nanos > TimeUnit.NANOSECONDS.convert(limit); // which may be more than it can count
    }
}
