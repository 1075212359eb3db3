package dev.heddle.process;

import dev.heddle.command.ResourceUsage;
import dev.heddle.command.SignalOutcome;

import java.util.concurrent.CompletableFuture;

/**
 * A started program, the leader of its own process group. The caller that started it closes it.
 *
 * <p><b>Threading:</b> each of the three pipes may be used by one thread at a time; all other methods are safe from any
 * thread.
 */
public interface ChildProcess extends AutoCloseable {
    long pid();

    /** The pipe to the child's stdin; there is one only if the {@link ProcessSpec} asked for it. */
    ChildInput stdin();

    ChildOutput stdout();

    /** The pipe from the child's stderr; it is at its end at once when stderr is merged into stdout. */
    ChildOutput stderr();

    /** Completes when the leader has ended, even if others of its group still run. Never fails. */
    CompletableFuture<ExitStatus> exit();

    /**
     * Sends a signal to every process of the group, see {@code kill(2)}. TERM and KILL also reach descendants that have
     * left the group, as far as they can be found. Does not wait. Other than {@code kill(2)}, which succeeds if one
     * process could be signalled, this tells whether all could.
     */
    SignalOutcome signal(int signal);

    /**
     * Asks every process that {@link #signal} reaches with TERM to end: sends TERM, and then CONT, without which a
     * stopped process could not react. Does not wait.
     */
    void terminate();

    /** Whether a process of the group has outlived its leader. Meant for the time after {@link #exit()}. */
    boolean hasSurvivors();

    /** What the ended leader used, as far as the engine can tell. */
    ResourceUsage usage();

    /**
     * Ends reads and writes on the pipes at once, also those under way in other threads. Output that was not read is
     * lost.
     */
    void closePipes();

    /**
     * Frees everything that belongs to the child, and kills what is left of its group, as far as the kernel lets it.
     * Does not block.
     */
    @Override
    void close();
}
