package dev.heddle.job;

import dev.heddle.exec.BusyException;

/** A command that goes on without the client that asked for it. {@link Jobs} starts it, keeps it and drops it. */
sealed interface Work permits Job, RememberedRun {
    /** Runs the command to its end, on a thread of its own. */
    void run();

    /** Instead of the run, for which there is no room. */
    void refuse(BusyException reason);

    /** Whether it is over without anything having run, so that it may be asked for again. */
    boolean hasNotRun();

    /** Asks the command to end. */
    void cancel();

    /** What it holds in memory once it has ended. */
    long heldBytes();

    /** Gives that memory back. */
    void discard();
}
