package dev.heddle.command;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What processes used; each part is empty where the engine cannot know it.
 *
 * @param userTime      CPU time in user mode
 * @param systemTime    CPU time in the kernel
 * @param peakMemoryKib the most memory that the command and its descendants had at one time
 */
public record ResourceUsage(Optional<Duration> userTime, Optional<Duration> systemTime, OptionalLong peakMemoryKib) {
    public static final ResourceUsage UNKNOWN =
            new ResourceUsage(Optional.empty(), Optional.empty(), OptionalLong.empty());
}
