package dev.heddle.exec;

/**
 * What a command printed and how it ended. Its output counts against the {@link MemoryBudget} until the result
 * is closed, which whoever got the result does once it has been sent.
 */
public record CommandResult(CommandEnd end, Output stdout, Output stderr) implements AutoCloseable {
    public Outcome outcome() {
        return end.outcome();
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
