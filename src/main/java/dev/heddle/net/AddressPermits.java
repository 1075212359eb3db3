package dev.heddle.net;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bounds how many clients of one address are connected at the same time.
 *
 * <p><b>Threading:</b> any thread may use it.
 */
final class AddressPermits {
    private final int maxPerAddress; // 0 for no bound
    private final Map<String, Integer> taken = new ConcurrentHashMap<>(); // by address, without the zeros

    AddressPermits(int maxPerAddress) {
        this.maxPerAddress = maxPerAddress;
    }

    /** Takes a permit if one is free, for {@link #giveBack}. */
    boolean tryTake(String peer) {
        if (maxPerAddress == 0) {
            return true;
        }
        boolean[] got = {false};
        taken.compute(address(peer), (address, before) -> {
            int count = before == null ? 0 : before;
            got[0] = count < maxPerAddress;
            return got[0] ? Integer.valueOf(count + 1) : before;
        });
        return got[0];
    }

    void giveBack(String peer) {
        if (maxPerAddress > 0) {
            taken.computeIfPresent(address(peer), (address, count) -> count == 1 ? null : count - 1);
        }
    }

    /** A peer is {@code address:port}, or {@code unix:user}. */
    private static String address(String peer) {
        if (peer.startsWith("unix:")) {
            return peer;
        }
        int colon = peer.lastIndexOf(':');
        return colon < 0 ? peer : peer.substring(0, colon);
    }
}
