package dev.heddle.net;

import java.time.Duration;
import java.util.stream.Stream;

/**
 * How long the server waits for clients that send nothing, or slowly. A duration of zero means: for ever.
 *
 * @param login   from the connect until a client has logged in, where it has to
 * @param request for a request from its first byte on; each 4 KiB that come give back a second of what has passed, so
 *                that this is also the longest silence inside a request
 * @param idle    between requests, while nothing runs or is subscribed to
 */
public record ClientTimeouts(Duration login, Duration request, Duration idle) {
    /**
     * The timeouts of a server that was told nothing. As in Redis a known client may stay idle for ever: connection
     * pools rely on it, and a client that has vanished is found by keepalive.
     */
    public static final ClientTimeouts DEFAULT =
            new ClientTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ZERO);

    /** The rate at which a request may come in: slower than any modem, but too fast for one that trickles. */
    static final long LEAST_BYTES_PER_SECOND = 4 << 10;

    public ClientTimeouts {
        if (login.isNegative() || request.isNegative() || idle.isNegative()) {
            throw new IllegalArgumentException("a negative time limit");
        }
    }

    public ClientTimeouts withLogin(Duration limit) {
        return new ClientTimeouts(limit, request, idle);
    }

    public ClientTimeouts withRequest(Duration limit) {
        return new ClientTimeouts(login, limit, idle);
    }

    public ClientTimeouts withIdle(Duration limit) {
        return new ClientTimeouts(login, request, limit);
    }

    /** The shortest of the limits in force and the other one. */
    Duration shortest(Duration other) {
        return Stream.of(login, request, idle, other).filter(Duration::isPositive).min(Duration::compareTo)
                .orElse(other);
    }
}
