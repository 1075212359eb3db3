package dev.heddle.exec;

import dev.heddle.process.ResourceUsage;

import java.time.Duration;

/**
 * What a command printed and how it ended. Its output counts against the {@link MemoryBudget} until the result
 * is closed, which whoever got the result does once it has been sent.
 *
 * @param wallTime from the start of the program to the end of its leader
 */
public record CommandResult(Outcome outcome, Output stdout, Output stderr, Duration wallTime,
                            ResourceUsage usage) implements AutoCloseable {
    /** How many bytes of both streams were printed, but not kept. */
    public long bytesLeftOut() {
        return stdout.bytesLeftOut() + stderr.bytesLeftOut();
    }

    @Override
    public void close() {
        stdout.close();
        stderr.close();
    }
}
