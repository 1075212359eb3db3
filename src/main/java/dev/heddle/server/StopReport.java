package dev.heddle.server;

/**
 * How a stop went.
 *
 * @param how      whether everything came to its own end
 * @param finished commands that ended by themselves, or at their own time limit, since the stop began
 * @param ended    commands that were ended before, by the server or by their clients
 */
public record StopReport(How how, long finished, long ended) {
    /** Every client was served to its end, or some had to be cut off. */
    public enum How { GRACEFUL, FORCED }

    @Override
    public String toString() {
        return how + ", commands finished: " + finished + ", ended: " + ended;
    }
}
