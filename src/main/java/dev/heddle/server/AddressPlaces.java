package dev.heddle.server;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Bounds how many clients of one address are connected at the same time. Any thread may use it. */
final class AddressPlaces {
    private final int maxPerAddress; // 0 for no bound
    private final Map<String, Integer> taken = new ConcurrentHashMap<>(); // by address, without the zeros

    AddressPlaces(int maxPerAddress) {
        this.maxPerAddress = maxPerAddress;
    }

    /** Takes a place, if there is one; whoever got one leaves it again. */
    boolean enter(String peer) {
        if (maxPerAddress == 0) {
            return true;
        }
        boolean[] entered = {false};
        taken.compute(address(peer), (address, before) -> {
            int count = before == null ? 0 : before;
            entered[0] = count < maxPerAddress;
            return entered[0] ? Integer.valueOf(count + 1) : before;
        });
        return entered[0];
    }

    void leave(String peer) {
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
