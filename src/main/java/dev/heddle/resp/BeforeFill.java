package dev.heddle.resp;

import java.io.IOException;

/**
 * Runs on the reading thread before a reader reads its stream, which may block: the place to flush what the peer waits
 * for. An exception ends the reading, which throws it on.
 */
@FunctionalInterface
public interface BeforeFill {
    BeforeFill NOTHING = () -> {};

    void run() throws IOException;
}
