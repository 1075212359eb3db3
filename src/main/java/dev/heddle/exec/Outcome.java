package dev.heddle.exec;

/** How a command that was started came to its end. A command that was not started has no outcome. */
public sealed interface Outcome {
    /** The leader ended by itself with this code, 0 to 255. */
    record Exited(int code) implements Outcome {}

    /** The leader was killed by this signal, which did not come from Heddle. */
    record Signaled(int signal) implements Outcome {}

    /** Its time was up, and Heddle ended it. */
    record TimedOut() implements Outcome {}

    /** Heddle ended it for another reason: its client left, the server stopped, it printed too much. */
    record Cancelled() implements Outcome {}
}
