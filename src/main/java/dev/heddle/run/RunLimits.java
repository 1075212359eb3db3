package dev.heddle.run;

import java.time.Duration;

/**
 * The limits of running commands.
 *
 * @param maxRunning          commands that run at once; the engine's own ceiling applies too
 * @param maxWaiting          commands that wait for one of these to end
 * @param maxWait             how long they wait
 * @param defaultOutputBytes  kept of each stream when the command does not say
 * @param maxOutputBytes      the most that a command may ask to be kept of each stream
 * @param budgetBytes         kept output and large requests of all clients together
 * @param killGrace           between TERM and KILL
 * @param drainBound          how long output may still come after the leader has ended
 */
public record RunLimits(int maxRunning, int maxWaiting, Duration maxWait, int defaultOutputBytes,
                         int maxOutputBytes, long budgetBytes, Duration killGrace, Duration drainBound) {
    /** @throws IllegalArgumentException when a limit is negative, or no command could run */
    public RunLimits {
        if (maxRunning < 1 || maxWaiting < 0 || defaultOutputBytes < 0 || maxOutputBytes < 0 || budgetBytes < 0
                || maxWait.isNegative() || killGrace.isNegative() || drainBound.isNegative()) {
            throw new IllegalArgumentException("a limit is negative, or no command may run");
        }
    }

    /** The limits of a server that was told nothing. */
    public static RunLimits defaults() {
        return new RunLimits(10_000, 1_000, Duration.ofSeconds(10), 1 << 20, 64 << 20,
                Runtime.getRuntime().maxMemory() / 4, Duration.ofSeconds(2), Duration.ofMillis(250));
    }

    public RunLimits withMaxRunning(int max) {
        return new RunLimits(max, maxWaiting, maxWait, defaultOutputBytes, maxOutputBytes, budgetBytes,
                killGrace, drainBound);
    }

    public RunLimits withWaiting(int max, Duration wait) {
        return new RunLimits(maxRunning, max, wait, defaultOutputBytes, maxOutputBytes, budgetBytes,
                killGrace, drainBound);
    }

    public RunLimits withBudgetBytes(long bytes) {
        return new RunLimits(maxRunning, maxWaiting, maxWait, defaultOutputBytes, maxOutputBytes, bytes,
                killGrace, drainBound);
    }

    public RunLimits withKillGrace(Duration grace) {
        return new RunLimits(maxRunning, maxWaiting, maxWait, defaultOutputBytes, maxOutputBytes, budgetBytes,
                grace, drainBound);
    }

    public RunLimits withDrainBound(Duration bound) {
        return new RunLimits(maxRunning, maxWaiting, maxWait, defaultOutputBytes, maxOutputBytes, budgetBytes,
                killGrace, bound);
    }
}
