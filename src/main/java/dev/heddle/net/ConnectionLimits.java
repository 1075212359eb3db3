package dev.heddle.net;

import java.time.Duration;

/**
 * The limits of connections.
 *
 * @param max           clients at the same time, of all listeners together; at least 1
 * @param maxPerAddress clients of one address at the same time; 0 for no bound but {@code max}
 * @param permitWait    how long a new client waits for a permit before it is refused
 * @param writeTimeout  how long a client may leave a reply unread
 * @param hangupGrace   how long a command may go on once its client has closed its side
 */
public record ConnectionLimits(int max, int maxPerAddress, Duration permitWait, Duration writeTimeout,
                               Duration hangupGrace) {
    /** The limits of a server that was told nothing. */
    public static final ConnectionLimits DEFAULT = new ConnectionLimits(10_000, 0, Duration.ofSeconds(1),
            Duration.ofSeconds(30), Duration.ofSeconds(2));

    public ConnectionLimits withMax(int newMax) {
        return new ConnectionLimits(newMax, maxPerAddress, permitWait, writeTimeout, hangupGrace);
    }

    public ConnectionLimits withMaxPerAddress(int newMax) {
        return new ConnectionLimits(max, newMax, permitWait, writeTimeout, hangupGrace);
    }

    public ConnectionLimits withPermitWait(Duration time) {
        return new ConnectionLimits(max, maxPerAddress, time, writeTimeout, hangupGrace);
    }

    public ConnectionLimits withWriteTimeout(Duration time) {
        return new ConnectionLimits(max, maxPerAddress, permitWait, time, hangupGrace);
    }

    public ConnectionLimits withHangupGrace(Duration time) {
        return new ConnectionLimits(max, maxPerAddress, permitWait, writeTimeout, time);
    }
}
