package dev.heddle.time;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The way to end one command early from another thread: any thread cancels, the command's own thread listens.
 * Interrupts are not used for this, because an interrupted virtual thread closes the socket it blocks in.
 */
public final class Cancellation {
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Listening> listening = new ArrayList<>(1); // guarded by lock; empty once cancelled
    private volatile boolean cancelled; // written under the lock

    /** An action that is to be run, until this is closed. Closing it does not wait for an action under way. */
    public final class Listening implements AutoCloseable {
        private final Runnable action;

        private Listening(Runnable action) {
            this.action = action;
        }

        /** Whoever waits again and again closes it each time, or the actions add up. */
        @Override
        public void close() {
            lock.lock();
            try {
                listening.remove(this);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Asks the command to end. Does not wait for it; asking twice does nothing more. */
    public void cancel() {
        List<Listening> told;
        lock.lock();
        try {
            cancelled = true;
            told = List.copyOf(listening);
            listening.clear();
        } finally {
            lock.unlock();
        }
        told.forEach(one -> one.action.run());
    }

    public boolean isCancelled() {
        return cancelled;
    }

    /** Runs the action, which must not block, on the thread that cancels, or now if that has happened. */
    public Listening whenCancelled(Runnable action) {
        Listening added = new Listening(action);
        lock.lock();
        try {
            if (!cancelled) {
                listening.add(added);
                return added;
            }
        } finally {
            lock.unlock();
        }
        action.run();
        return added;
    }
}
