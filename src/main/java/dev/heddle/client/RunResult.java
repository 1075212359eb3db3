package dev.heddle.client;

import java.time.Duration;

/**
 * What a command printed and how it ended.
 *
 * @param ending       how it came to its end
 * @param stdout       what was kept of it: all, or its head and its tail
 * @param stderr       the same of stderr
 * @param bytesLeftOut how much of both was not kept
 */
public record RunResult(Ending ending, byte[] stdout, byte[] stderr, Duration wallTime, long bytesLeftOut) {
    /** How a command came to its end. */
    public sealed interface Ending {
        /** By itself, with this code. */
        record Exited(int code) implements Ending {}

        /** By a signal that did not come from the server. */
        record Signaled(int signal) implements Ending {}

        /** By the server, when its time was up. */
        record TimedOut() implements Ending {}

        /** By the server, for another reason. */
        record Cancelled() implements Ending {}
    }
}
