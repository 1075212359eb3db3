package dev.heddle.resp;

import java.io.OutputStream;
import java.util.List;

/**
 * Picks the strings of a push that go to a stream as they arrive, because a client need not hold them.
 * Runs on the reading thread.
 */
@FunctionalInterface
public interface Diversion {
    Diversion NONE = before -> null;

    /**
     * Asked before each element of a push, with those before it.
     *
     * @return where the element's bytes go if it is a string; null: it becomes a part of the value
     */
    OutputStream of(List<RespValue> before);
}
