package dev.heddle.process.linux.spawn;

import dev.heddle.command.RefusedException;

/**
 * What may hang in the kernel, for {@link SpawnThreads}.
 *
 * @param <T> what it yields
 */
public interface SpawnTask<T> {
    /** Another process holds the program open for writing: to be tried again, soon. */
    final class TextBusyException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** First, on the thread that asks: what does not hang. If it fails there is nothing to discard. */
    void prepare() throws RefusedException;

    /** On a spawn thread; may block. See {@link PrivateDescriptorTable} for what must not be done there. */
    T run() throws RefusedException, TextBusyException;

    /**
     * In place of handing the result to the one who asked: because there is none, or because nobody waits any more.
     * After {@link #run}, if that was ever begun; on the thread that asked, or the poller's, and so must not block.
     *
     * @param result null when there is none
     */
    void discard(T result);
}
