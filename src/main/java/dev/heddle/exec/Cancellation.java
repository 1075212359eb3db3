package dev.heddle.exec;

import java.util.concurrent.CompletableFuture;

/**
 * The way to end one command early from another thread: any thread cancels, the command's own thread listens.
 * Interrupts are not used for this, because an interrupted virtual thread closes the socket it blocks in.
 */
public final class Cancellation {
    private final CompletableFuture<Void> cancelled = new CompletableFuture<>();

    /** Asks the command to end. Does not wait for it; asking twice does nothing more. */
    public void cancel() {
        cancelled.complete(null);
    }

    public boolean isCancelled() {
        return cancelled.isDone();
    }

    /** Runs the action on the thread that cancels, or now if that has happened. */
    public void whenCancelled(Runnable action) {
        cancelled.thenRun(action);
    }
}
