package dev.heddle.run;

import dev.heddle.command.RefusedException;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The share of one user in the running commands, those that wait in line included.
 *
 * @param user whose it is, for messages
 * @param max  commands at the same time
 * @param used how many there are now; every quota of the user has the same
 */
public record Quota(String user, int max, AtomicInteger used) {
    /** @throws RefusedException when the user has as many commands as he may have */
    void enter() throws RefusedException {
        if (used.incrementAndGet() > max) {
            used.decrementAndGet();
            throw RefusedException.busy(max + " commands of user '" + user + "' are running, which is the most allowed");
        }
    }

    void leave() {
        used.decrementAndGet();
    }
}
