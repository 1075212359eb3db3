package dev.heddle.resp;

import java.io.IOException;

/**
 * Runs before a reader reads its stream, which may block: the place to flush what the peer waits for.
 *
 * <p><b>Threading:</b> runs on the reading thread.
 */
@FunctionalInterface
public interface BeforeFill {
    BeforeFill NOTHING = () -> {};

    /**
     * Runs before every read of the underlying stream.
     *
     * @throws IOException ends the reading, which throws it on
     */
    void run() throws IOException;
}
