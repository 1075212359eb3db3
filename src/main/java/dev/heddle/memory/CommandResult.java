package dev.heddle.memory;

import dev.heddle.command.CommandEnd;
import dev.heddle.command.Outcome;

/**
 * What a command printed and how it ended. Its output counts against the {@link MemoryBudget} until the result is
 * closed, once it has been sent.
 */
public record CommandResult(CommandEnd end, OutputLog stdout, OutputLog stderr) implements AutoCloseable {
    public Outcome outcome() {
        return end.outcome();
    }

    /** Counts the memory as its user's no more. */
    public void leaveShare() {
        stdout.leaveShare();
        stderr.leaveShare();
    }

    public long reservedBytes() {
        return stdout.reservedBytes() + stderr.reservedBytes();
    }

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
