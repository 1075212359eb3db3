package dev.heddle.access;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.LongSupplier;

/**
 * Slows down clients that try tokens: each failure delays the next answer on that connection and to that address. There
 * is one guard for the whole server.
 *
 * <p>The right token works whatever others have tried, after a delay that stays below the read time-out of common
 * clients (2 s). Only an address of the network is refused altogether, until its window is over; loopback never is,
 * because any local user could lock the owner out then.
 *
 * <p><b>Threading:</b> any thread may call.
 */
final class LoginGuard {
    static final int MAX_ADDRESSES = 4096;
    /** The failures of an address that do not slow its other clients down: a typing error behind a shared address. */
    static final int FREE_FAILURES = 5;
    /** The failures of a remote address within the window, after which its attempts are not checked any more. */
    static final int MAX_FAILURES = 200;
    static final Duration WINDOW = Duration.ofMinutes(1);
    static final Duration FIRST_DELAY = Duration.ofMillis(100);
    static final Duration MAX_DELAY = Duration.ofMillis(1500);
    private static final int DOUBLINGS = 4; // more would be beyond the maximum
    private static final int IPV6_NETWORK_BYTES = 8; // a client with one address usually has them all

    private final LongSupplier nanoTime;
    private final SequencedMap<String, Window> windows = new LinkedHashMap<>(); // guarded by this; the oldest first

    /** @param nanoTime as {@link System#nanoTime()} */
    LoginGuard(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    private record Window(long startNanos, int failures) {}

    /** The origin of an attempt. */
    record Source(String network, boolean local) {
        /** @param peer as {@code 192.0.2.1:4711} or {@code [2001:db8::1]:4711}; any other text means this host */
        static Source of(String peer) {
            int colon = peer.lastIndexOf(':');
            String host = colon < 0 ? peer : peer.substring(0, colon).replaceAll("[\\[\\]]|%.*", "");
            if (!host.matches("[0-9a-fA-F:.]*[0-9a-fA-F:]")) {
                return new Source("", true);
            }
            try {
                InetAddress address = InetAddress.getByName(host); // digits: no name service is asked
                byte[] bytes = address.getAddress();
                byte[] network = bytes.length == 4 ? bytes : Arrays.copyOf(bytes, IPV6_NETWORK_BYTES);
                return new Source(HexFormat.of().formatHex(network), address.isLoopbackAddress());
            } catch (UnknownHostException e) {
                return new Source("", true);
            }
        }
    }

    /** Tells whether attempts of this origin are not to be checked now. */
    boolean blocks(Source source) {
        return !source.local() && failures(source) >= MAX_FAILURES;
    }

    private synchronized int failures(Source source) {
        Window window = windows.get(source.network());
        return window == null || isOver(window) ? 0 : window.failures();
    }

    private boolean isOver(Window window) {
        return nanoTime.getAsLong() - window.startNanos() > WINDOW.toNanos();
    }

    /** Counts a failure at once, so that attempts under way at that time see it. */
    synchronized void failed(Source source) {
        Window window = windows.get(source.network());
        if (window == null || isOver(window)) {
            windows.remove(source.network());
            if (windows.size() >= MAX_ADDRESSES) {
                windows.pollFirstEntry();
            }
            window = new Window(nanoTime.getAsLong(), 0);
        }
        windows.put(source.network(), new Window(window.startNanos(), window.failures() + 1));
    }

    /** Returns how long to delay the answer. */
    Duration delay(Source source, int failuresOnConnection) {
        int failures = Math.max(failuresOnConnection, failures(source) - FREE_FAILURES);
        if (failures <= 0) {
            return Duration.ZERO;
        }
        Duration delay = FIRST_DELAY.multipliedBy(1L << Math.min(failures - 1, DOUBLINGS));
        return delay.compareTo(MAX_DELAY) > 0 ? MAX_DELAY : delay;
    }

    synchronized int addresses() {
        return windows.size();
    }
}
