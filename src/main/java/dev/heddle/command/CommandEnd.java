package dev.heddle.command;

import java.time.Duration;

/**
 * How a command ended.
 *
 * @param wallTime    from the start of the program to the end of its leader
 * @param stdoutBytes how many bytes it has written there, kept or not
 * @param stderrBytes the same of stderr
 * @param leftRunning whether processes of it run on, because the kernel refused to kill them
 */
public record CommandEnd(Outcome outcome, Duration wallTime, ResourceUsage usage, long stdoutBytes,
                         long stderrBytes, boolean leftRunning) {
    /** The end of a command that was cancelled before its program was started. */
    public static final CommandEnd NEVER_STARTED =
            new CommandEnd(new Outcome.Cancelled(), Duration.ZERO, ResourceUsage.UNKNOWN, 0, 0, false);
}
