package dev.heddle.time;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The way to end one command early from another thread: any thread cancels, the command's own thread listens.
 * Interrupts are not used for this, because an interrupted virtual thread closes the socket it blocks in.
 */
public final class Cancellation {
    private final List<Listening> listening = new ArrayList<>(1); // guarded by itself; empty once cancelled
    private volatile boolean cancelled; // written while listening is held

    /** An action that is to be run, until this is closed. Closing it does not wait for an action under way. */
    public final class Listening implements AutoCloseable {
        private final Runnable action;

        private Listening(Runnable action) {
            this.action = action;
        }

        /** Whoever waits again and again closes it each time, or the actions add up. */
        @Override
        public void close() {
            synchronized (listening) {
                listening.remove(this);
            }
        }
    }

    /** Asks the command to end. Does not wait for it; asking twice does nothing more. */
    public void cancel() {
        List<Listening> told;
        synchronized (listening) {
            cancelled = true;
            told = List.copyOf(listening);
            listening.clear();
        }
        told.forEach(one -> one.action.run());
    }

    public boolean isCancelled() {
        return cancelled;
    }

    /** Runs the action, which must not block, on the thread that cancels, or now if that has happened. */
    public Listening whenCancelled(Runnable action) {
        Listening added = new Listening(action);
        synchronized (listening) {
            if (!cancelled) {
                listening.add(added);
                return added;
            }
        }
        action.run();
        return added;
    }

    /** Waits for a future to complete in any way; false when this was cancelled, or the time was up, before. */
    public boolean await(CompletableFuture<?> future, Deadline deadline) throws InterruptedException {
        CompletableFuture<Void> over = new CompletableFuture<>();
        try (Listening listening = whenCancelled(() -> over.complete(null))) {
            deadline.await(CompletableFuture.anyOf(future, over));
        } finally {
            over.complete(null); // so that nothing of this wait stays with the future
        }
        return future.isDone();
    }
}
