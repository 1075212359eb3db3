package dev.heddle.process;

import dev.heddle.command.RefusedException;

/**
 * Starts programs of the host as children of this JVM, for the whole server and as long as the JVM lives. Safe for all
 * threads.
 */
public interface ProcessEngine {
    /** The engine's name as users write it after {@code --engine} and read it in {@code INFO}. */
    String name();

    /** How many children the engine can carry at once before it harms the rest of the server. */
    int maxProcesses();

    /** How many starts the engine can carry on at once; admission lets no more begin. */
    int concurrentStarts();

    /** Whether no start has made progress for so long that more callers should be refused. Never blocks. */
    boolean startsHang();

    /**
     * The most descriptors of this JVM that this many children, and what their starts need for a moment, take at once.
     * The limit of open files is divided by it.
     */
    default long descriptors(int processes) {
        return 4L * processes; // three pipes and a handle
    }

    /**
     * Starts a program in a process group of its own. Blocks until the program runs or is known not to; an interrupt
     * leaves nothing running.
     *
     * @throws RefusedException when nothing was started; its message is meant for the client
     */
    ChildProcess start(ProcessSpec spec) throws RefusedException, InterruptedException;
}
