package dev.heddle.client;

/** How a command came to its end. */
public sealed interface Ending {
    /** By itself, with this code, 0 to 255. */
    record Exited(int code) implements Ending {}

    /** By a signal, with this number, that was not the server's own. */
    record Signaled(int signal) implements Ending {}

    /** By the server, when its time was up. */
    record TimedOut() implements Ending {}

    /** By the server, for another reason. */
    record Cancelled() implements Ending {}
}
