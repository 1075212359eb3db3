package dev.heddle.run;

/**
 * What is kept of a stream: all of it, or its head and its tail.
 *
 * @param bytes      head and tail, one behind the other
 * @param totalBytes how many bytes the command has written, kept or not
 * @param budget     where {@code reservedBytes} return to when the output is closed
 */
public record Output(byte[] bytes, long totalBytes, MemoryBudget budget, long reservedBytes)
        implements AutoCloseable {
    /** Returns this output with its memory not counted as its user's any more. */
    Output leaveShare() {
        return new Output(bytes, totalBytes, budget.leaveShare(reservedBytes), reservedBytes);
    }

    public long bytesLeftOut() {
        return totalBytes - bytes.length;
    }

    @Override
    public void close() {
        budget.release(reservedBytes);
    }
}
