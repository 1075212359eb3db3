package dev.heddle.job;

import dev.heddle.command.RefusedException;

/** A command that goes on without the client that asked for it. {@link Jobs} starts it, keeps it and drops it. */
public sealed interface BackgroundRun permits Job, RememberedRun {
    /** Runs the command to its end, on a thread of its own. */
    void run();

    /** Instead of the run, for which there is no room. */
    void refuse(RefusedException reason);

    /** The command's ID. */
    String id();

    /** Whose it is. */
    String user();

    /** Counts what it holds from now on: words, stdin and so on, besides the output. False when there is no room. */
    boolean reserve();

    /** It is over: what nobody will ask for any more is given back, and the rest is not counted as its user's. */
    void settled();

    /** Whether it is over without anything having run, so that it may be asked for again. */
    boolean hasNotRun();

    /** Asks the command to end. */
    void cancel();

    /** What it holds in memory once it is settled. */
    long heldBytes();

    /** Gives that memory back. */
    void discard();
}
