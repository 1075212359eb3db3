package dev.heddle.process;

import dev.heddle.command.ResourceUsage;
import dev.heddle.command.SignalOutcome;

import java.util.concurrent.CompletableFuture;

/**
 * A started program, the leader of its own process group. Its three pipes may each be used by one thread at a
 * time; all other methods are safe from any thread. Whoever started it closes it.
 */
public interface ChildProcess extends AutoCloseable {
    long pid();

    /** The pipe to the child's stdin. Exists only when the {@link ProcessSpec} asked for one. */
    ChildInput stdin();

    ChildOutput stdout();

    /** Ends at once when stderr was merged into stdout. */
    ChildOutput stderr();

    /** Completes when the leader has ended, whether or not others of its group still run. Never fails. */
    CompletableFuture<ExitStatus> exit();

    /**
     * Sends a signal to every process of the group, see {@code kill(2)}. TERM and KILL also reach descendants that
     * have left it, as far as they can be found. Does not wait for anything.
     *
     * @param signal the signal's number
     * @return what became of it. {@code kill(2)} tells only whether a process of the group could be signalled: whether
     *         all of them could is looked up
     */
    SignalOutcome signal(int signal);

    /**
     * Asks every process that {@link #signal} reaches with TERM to end: by TERM, and by CONT after it, without which
     * a stopped process could not do anything about its end. Does not wait for anything.
     */
    void terminate();

    /** Whether a process of the group outlived its leader. Meant for the time after {@link #exit()}. */
    boolean hasSurvivors();

    /** What the ended leader used, as far as the engine can tell. */
    ResourceUsage usage();

    /**
     * Ends reads and writes on the pipes at once, also those under way in other threads, without waiting for
     * processes that hold the other ends. What was not read is lost.
     */
    void closePipes();

    /**
     * Frees everything that belongs to the child. Kills what is left of its group; what the kernel does not let be
     * killed runs on. Does not block.
     */
    @Override
    void close();
}
