package dev.heddle.process.linux.spawn;

import dev.heddle.command.RefusedException;

/** A task for {@link SpawnThreads}: one that may hang in the kernel. */
@FunctionalInterface
public interface SpawnTask<T> {
    /** Another process holds the program open for writing; the caller tries again soon. */
    final class TextBusyException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** Does first, on the calling thread, what does not hang. If it fails there is nothing to discard. */
    default void prepare() throws RefusedException {
        // nothing
    }

    /** Does the work, on a spawn thread; may block. {@link PrivateDescriptorTable} says what must not be done there. */
    T run() throws RefusedException, TextBusyException;

    /** Frees what {@link #run} has left, if anything, when the caller gets no result. On any thread; must not block. */
    default void discard(T result) {
        // nothing is left
    }
}
