package dev.heddle.service;

import dev.heddle.command.RefusedException;
import dev.heddle.time.Cancellation;

import java.util.Optional;

/**
 * Something that a caller has asked for and that takes its time. Nobody needs a thread before it is ready. Its holder
 * calls {@link #await} or {@link #abandon}, once.
 *
 * <p><b>Threading:</b> one thread holds it; {@link #whenReady} may be called by another one before.
 */
public interface Pending<T> {
    /** The command's ID. */
    String id();

    /**
     * Runs an action, once, when a thread is needed to go on: {@link #await} does not wait for others any more then. At
     * once if that is so now. The action may run on the thread of another command, and so must neither block nor throw.
     */
    void whenReady(Runnable action);

    /**
     * Waits for what was asked for; a direct run happens in here. An interrupt ends the wait, and a direct run with it.
     *
     * @param wait ends the wait when it is cancelled, and a direct run with it
     * @return empty when the wait was cancelled and what goes on goes on without an answer
     * @throws RefusedException when nothing was run
     */
    Optional<T> await(Cancellation wait) throws RefusedException, InterruptedException;

    /** Gives up, in place of {@link #await}: the caller has gone. */
    void abandon();
}
