package dev.heddle.process;

/** How a process ended, as {@code wait(2)} reports it. */
public sealed interface ExitStatus {
    /** Ended by itself; {@code code} is 0 to 255. */
    record Exited(int code) implements ExitStatus {}

    /** Killed by the signal of this number. */
    record Signaled(int signal) implements ExitStatus {}
}
