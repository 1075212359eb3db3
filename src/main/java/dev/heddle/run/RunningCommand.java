package dev.heddle.run;

import dev.heddle.command.Outcome;
import dev.heddle.command.SignalOutcome;

/** A command whose program has started. Safe for use by any thread; after the command's end it does nothing. */
public interface RunningCommand {
    /** As its threads are named: {@code cmd-42}. */
    String name();

    /**
     * Sends a signal to the whole process group. Does not wait for anything.
     *
     * @param signal its number, see {@code signal(7)}
     */
    SignalOutcome signal(int signal);

    /** Ends the command, whose outcome is {@link Outcome.Cancelled} unless it has ended before. Never blocks. */
    void cancel();
}
