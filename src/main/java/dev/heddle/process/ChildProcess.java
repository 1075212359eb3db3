package dev.heddle.process;

import dev.heddle.command.ResourceUsage;
import dev.heddle.command.SignalOutcome;

import java.util.concurrent.CompletableFuture;

/**
 * A started program, the leader of its own process group. The caller that started it closes it. One thread at a time
 * uses each of the three pipes; all other methods are safe from any thread.
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

    /** Asks what {@link #signal} reaches with TERM to end, by TERM and, for stopped processes, CONT. Does not wait. */
    void terminate();

    /** Whether a process of the group has outlived its leader. Meant for the time after {@link #exit()}. */
    boolean hasSurvivors();

    /** What the ended leader used, as far as the engine can tell. */
    ResourceUsage usage();

    /** Ends reads and writes on the pipes at once, those under way too. Output that was not read is lost. */
    void closePipes();

    /** Frees all that belongs to the child, and kills what the kernel lets it of the group. Does not block. */
    @Override
    void close();
}
