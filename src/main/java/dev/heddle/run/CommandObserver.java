package dev.heddle.run;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.CommandEnd;
import dev.heddle.command.RefusedException;

/**
 * Is told what becomes of every command, on the thread that runs the command. It must be quick and thread-safe;
 * what it throws is logged and does not reach the command.
 */
public interface CommandObserver {
    /** Hears of one command's end, once. */
    interface Ending {
        void ended(CommandEnd end);
    }

    /** The program has started. The answer is told of the end, whatever happens, before the client is. */
    Ending started(CommandStart start);

    /** Nothing was run; the counterpart of {@link #started}. */
    default void refused(Caller caller, Command command, RefusedException refusal) {}
}
