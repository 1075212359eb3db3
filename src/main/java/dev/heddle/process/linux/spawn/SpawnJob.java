package dev.heddle.process.linux.spawn;

import dev.heddle.command.RefusedException;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** One task between the thread that asked for it, which makes this, and the spawn thread that takes it. */
final class SpawnJob<T> {
    private enum State { QUEUED, TAKEN, DONE, WITHDRAWN, ABANDONED }

    /** Delivers the result; made here, so that nothing can fail once there is one. */
    private final Runnable delivery = this::finish;
    private final SpawnTask<T> task;
    private final Runnable onDiscarded;
    private final Thread caller = Thread.currentThread();
    private final long queuedNanos = System.nanoTime();
    private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);
    private volatile long takenNanos; // written by the spawn thread
    private long readyNanos; // written by the spawn thread before DONE, read by the caller after it
    private T result; // the same
    private Throwable failure; // the same
    private volatile RefusedException givenUp; // written by the watch, after it has taken the job from the caller

    /** @param onDiscarded run when nobody waits for the result any more, and it is discarded */
    SpawnJob(SpawnTask<T> task, Runnable onDiscarded) {
        this.task = task;
        this.onDiscarded = onDiscarded;
    }

    long queuedNanos() {
        return queuedNanos;
    }

    long takenNanos() {
        return takenNanos;
    }

    /** When its result was on its way to the caller; for the caller, once it is done. */
    long readyNanos() {
        return readyNanos;
    }

    boolean isQueued() {
        return state.get() == State.QUEUED;
    }

    boolean isDone() {
        return state.get() == State.DONE;
    }

    /** Whether the caller has left before a thread took it. */
    boolean isWithdrawn() {
        return state.get() == State.WITHDRAWN;
    }

    /** For spawn threads; false when nobody wants it any more. */
    boolean take() {
        takenNanos = System.nanoTime(); // before the watch can see that it is taken
        return state.compareAndSet(State.QUEUED, State.TAKEN);
    }

    /** On the spawn thread that has taken it. */
    void run() {
        try {
            result = task.run();
        } catch (Throwable e) {
            failure = e;
        }
    }

    /** On the spawn thread, before the delivery. */
    void setReady() {
        readyNanos = System.nanoTime();
    }

    /** To be run after {@link #run}, on a thread that may unpark any other. */
    Runnable delivery() {
        return delivery;
    }

    private void finish() {
        if (state.compareAndSet(State.TAKEN, State.DONE)) {
            LockSupport.unpark(caller);
        } else {
            try {
                task.discard(result); // nobody waits for it any more
            } finally {
                onDiscarded.run();
            }
        }
    }

    /**
     * Parks until the task is done, or given up. Without a time limit, which costs less; the watch ends what takes too
     * long. Unless this returns a result the task discards what it has, now or when it is over.
     */
    T await() throws RefusedException, SpawnTask.TextBusyException, InterruptedException {
        while (givenUp == null && state.get() != State.DONE) {
            if (Thread.interrupted()) {
                quit();
                throw new InterruptedException();
            }
            LockSupport.park(this);
        }
        if (givenUp == null && failure == null) {
            return result;
        }
        discardUnlessUnderWay();
        switch (givenUp == null ? failure : givenUp) {
            case RefusedException e -> throw e;
            case SpawnTask.TextBusyException e -> throw e;
            case Throwable e -> throw new IllegalStateException("a program could not be started", e);
        }
    }

    /** Ends the caller's wait for a thread, if no thread has taken the job. */
    void giveUpQueued(RefusedException reason) {
        giveUp(State.QUEUED, State.WITHDRAWN, reason);
    }

    /** Ends the caller's wait for the task, unless it is done. */
    void giveUpTaken(RefusedException reason) {
        giveUp(State.TAKEN, State.ABANDONED, reason);
    }

    private void giveUp(State from, State to, RefusedException reason) {
        if (state.compareAndSet(from, to)) {
            givenUp = reason;
            LockSupport.unpark(caller);
        }
    }

    /** The caller does not even begin to wait. */
    void quit() {
        leave();
        discardUnlessUnderWay();
    }

    private void leave() {
        if (!state.compareAndSet(State.QUEUED, State.WITHDRAWN)) {
            state.compareAndSet(State.TAKEN, State.ABANDONED);
        }
    }

    private void discardUnlessUnderWay() {
        if (state.get() != State.ABANDONED) {
            task.discard(result);
        }
    }
}
