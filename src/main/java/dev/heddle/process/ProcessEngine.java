package dev.heddle.process;

import dev.heddle.command.RefusedException;

/** Starts programs of the host as children of this JVM, for as long as it lives. Safe for all threads. */
public interface ProcessEngine {
    /** The engine's name as users write it after {@code --engine} and read it in {@code INFO}. */
    String name();

    /** How many children the engine can carry at once before it harms the rest of the server. */
    int maxProcesses();

    /** How many starts the engine can carry on at once; admission lets no more begin. */
    int concurrentStarts();

    /** Whether no start has made progress for so long that more callers should be refused. Never blocks. */
    boolean startsHang();

    /** The most descriptors that so many children and their starts take at once; divides the limit of open files. */
    default long descriptors(int processes) {
        return 4L * processes; // three pipes and a handle
    }

    /**
     * Starts a program in a process group of its own. Blocks until it runs or is known not to; an interrupt leaves
     * nothing running. The message of a refusal is meant for the client.
     */
    ChildProcess start(ProcessSpec spec) throws RefusedException, InterruptedException;
}
