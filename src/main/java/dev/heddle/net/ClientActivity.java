package dev.heddle.net;

import dev.heddle.time.AwakeClock;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The times at which a client last did what its {@link ClientTimeouts} are about. No read needs a timer, and only a
 * read that blocks inside a request looks at the clock before.
 *
 * <p><b>Threading:</b> the client's own threads write; {@link ClientWatch} reads.
 */
public final class ClientActivity {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final AwakeClock clock;
    private volatile long strangerSinceNanos; // 0 after the login; the thread that executes requests sets
    /** 0 between requests; inside one its beginning, moved on by the bytes that came. The reading thread sets. */
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

    /** Returns the input such that what the client sends counts. */
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
     * Counts bytes that the client has sent. Inside a request they earn time, but never more than has passed: a client
     * that has sent much may be silent for no longer than any other.
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

    /** Notes that the client was written to. */
    void active(long nanos) {
        activeNanos = nanos;
    }

    /** Sets whether the client has still to log in, from now on. For the thread that executes its requests. */
    public void stranger(boolean isStranger) {
        if (isStranger != (strangerSinceNanos != 0)) {
            strangerSinceNanos = isStranger ? now() : 0;
        }
    }

    /** Notes that the reading thread is about to read, for the rest of a request or for the next one. */
    public void reads(boolean insideRequest) {
        if (insideRequest && requestSinceNanos == 0) {
            requestSinceNanos = now();
        }
    }

    /** Notes that the reading thread has a whole request. */
    public void requestCame() {
        if (requestSinceNanos != 0) {
            requestSinceNanos = 0;
        }
    }

    /** What the client is late with. An idle client is late only if the server has nothing to do for it. */
    Optional<Overdue> overdue(ClientTimeouts timeouts) {
        long now = clock.nanoTime();
        long stranger = strangerSinceNanos;
        if (stranger != 0 && isOver(timeouts.login(), now - stranger)) {
            return Optional.of(Overdue.LOGIN);
        }
        long request = requestSinceNanos;
        if (request != 0) {
            return isOver(timeouts.request(), now - request) ? Optional.of(Overdue.REQUEST) : Optional.empty();
        }
        return isOver(timeouts.idle(), now - activeNanos) ? Optional.of(Overdue.IDLE) : Optional.empty();
    }

    private static boolean isOver(Duration limit, long nanos) {
        return !limit.isZero() && nanos > TimeUnit.NANOSECONDS.convert(limit); // which may be more than it can count
    }
}
