package dev.heddle.resp;

import java.io.OutputStream;
import java.util.List;

/** Picks, on the reading thread, the strings of a push that go to a stream as they arrive: no client need hold them. */
@FunctionalInterface
public interface Diversion {
    Diversion NONE = before -> null;

    /**
     * Returns the stream for the next element's bytes if it is a string, given the elements before it; null to make it
     * a part of the value.
     */
    OutputStream of(List<RespValue> before);
}
