package dev.heddle.command;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** What processes used, and the most memory they had at one time; empty where the engine cannot know it. */
public record ResourceUsage(Optional<Duration> userTime, Optional<Duration> systemTime, OptionalLong peakMemoryKib) {
    public static final ResourceUsage UNKNOWN =
            new ResourceUsage(Optional.empty(), Optional.empty(), OptionalLong.empty());
}
