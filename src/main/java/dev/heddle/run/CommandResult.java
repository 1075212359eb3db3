package dev.heddle.run;

import dev.heddle.command.CommandEnd;
import dev.heddle.command.Outcome;

/**
 * What a command printed and how it ended. Its output counts against the {@link MemoryBudget} until the result
 * is closed, which whoever got the result does once it has been sent.
 */
public record CommandResult(CommandEnd end, Output stdout, Output stderr) implements AutoCloseable {
    public Outcome outcome() {
        return end.outcome();
    }

    /** Returns this result with its memory not counted as its user's any more; close that one and not this. */
    public CommandResult leaveShare() {
        return new CommandResult(end, stdout.leaveShare(), stderr.leaveShare());
    }

    /** What its output holds in memory. */
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
