package dev.heddle.process.linux.spawn;

import dev.heddle.command.RefusedException;

/**
 * A task for {@link SpawnThreads}: one that may hang in the kernel.
 *
 * @param <T> what it yields
 */
public interface SpawnTask<T> {
    /** Another process holds the program open for writing; the caller tries again soon. */
    final class TextBusyException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** Does first, on the calling thread, what does not hang. If it fails there is nothing to discard. */
    void prepare() throws RefusedException;

    /** Does the work, on a spawn thread; may block. {@link PrivateDescriptorTable} says what must not be done there. */
    T run() throws RefusedException, TextBusyException;

    /**
     * Is called when the caller gets no result, because there is none or because it no longer waits. Comes after {@link
     * #run}, if that was ever begun; on the calling thread or the poller's, and so must not block.
     *
     * @param result null when there is none
     */
    void discard(T result);
}
