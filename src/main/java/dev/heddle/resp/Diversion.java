package dev.heddle.resp;

import java.io.OutputStream;
import java.util.List;

/**
 * Picks the strings of a push that go to a stream as they arrive, so that a client need not hold them.
 *
 * <p><b>Threading:</b> runs on the reading thread.
 */
@FunctionalInterface
public interface Diversion {
    Diversion NONE = before -> null;

    /**
     * Decides on the next element of a push, given the elements before it.
     *
     * @param before the elements before it
     * @return the stream for the element's bytes if it is a string; null to make it a part of the value
     */
    OutputStream of(List<RespValue> before);
}
