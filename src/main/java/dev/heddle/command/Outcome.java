package dev.heddle.command;

import java.util.OptionalInt;

/** How a command that was started came to its end. A command that was not started has no outcome. */
public sealed interface Outcome {
    /** The leader ended by itself with this code, 0 to 255. */
    record Exited(int code) implements Outcome {}

    /** The leader was killed by a signal that Heddle did not send to end the command; a client may have sent it. */
    record Signaled(int signal) implements Outcome {}

    /** The server ended the command when its time was up. */
    record TimedOut() implements Outcome {}

    /** The server ended the command for another reason: its client left, the server stopped, it printed too much. */
    record Cancelled() implements Outcome {}

    /** Returns the outcome in one word, as replies, logs and metrics have it. */
    default String word() {
        return switch (this) {
            case Exited exited -> "exited";
            case Signaled signaled -> "signaled";
            case TimedOut timedOut -> "timeout";
            case Cancelled cancelled -> "cancelled";
        };
    }

    /** Returns the exit code or the signal's number; empty where there is none. */
    default OptionalInt number() {
        return switch (this) {
            case Exited(int code) -> OptionalInt.of(code);
            case Signaled(int signal) -> OptionalInt.of(signal);
            case TimedOut timedOut -> OptionalInt.empty();
            case Cancelled cancelled -> OptionalInt.empty();
        };
    }
}
