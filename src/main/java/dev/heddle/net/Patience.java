package dev.heddle.net;

import java.time.Duration;

/**
 * How long clients are waited for. A duration of zero means: for ever.
 *
 * @param login   from the connect until a client has logged in, where it has to
 * @param request for a request from its first byte on; each 4 KiB that come give back a second of what has passed, so
 *                that this is also the longest silence inside a request
 * @param idle    between requests, while nothing runs or is subscribed to
 */
public record Patience(Duration login, Duration request, Duration idle) {
    /**
     * As in Redis a known client may stay idle for ever: connection pools rely on it, and one that has vanished
     * is found by keepalive.
     */
    public static final Patience DEFAULT =
            new Patience(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ZERO);

    /** Slower than any modem, so that a large request has its time and one that trickles in has not. */
    static final long LEAST_BYTES_PER_SECOND = 4 << 10;

    public Patience {
        if (login.isNegative() || request.isNegative() || idle.isNegative()) {
            throw new IllegalArgumentException("a negative time limit");
        }
    }

    public Patience withLogin(Duration limit) {
        return new Patience(limit, request, idle);
    }

    public Patience withRequest(Duration limit) {
        return new Patience(login, limit, idle);
    }

    public Patience withIdle(Duration limit) {
        return new Patience(login, request, limit);
    }

    /** The shortest of the limits in force and the other one. */
    Duration shortest(Duration other) {
        Duration shortest = other;
        for (Duration limit : new Duration[] {login, request, idle}) {
            if (!limit.isZero() && limit.compareTo(shortest) < 0) {
                shortest = limit;
            }
        }
        return shortest;
    }
}
