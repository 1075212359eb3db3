package dev.heddle.process.linux.spawn;

import dev.heddle.command.RefusedException;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A task on its way from its caller to a spawn thread, and its result on the way back.
 *
 * <p><b>Threading:</b> the caller makes it; a spawn thread takes and runs it; the watch may give it up.
 */
final class SpawnJob<T> {
    /**
     * Who has the job.
     *
     * <pre>
     * QUEUED -- a thread takes it --> TAKEN -- its result is delivered --> DONE
     *    '-- caller leaves --> WITHDRAWN '-- caller leaves --> ABANDONED
     * </pre>
     */
    private enum State { QUEUED, TAKEN, DONE, WITHDRAWN, ABANDONED }

    /** Made early, so that nothing can fail once there is a result. */
    private final Runnable delivery = this::finish;
    private final SpawnTask<T> task;
    private final Runnable onDiscarded;
    private final Thread caller = Thread.currentThread();
    private final long queuedNanos = System.nanoTime();
    private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);
    private volatile long takenNanos; // written by the spawn thread
    private long readyNanos; // written by the spawn thread before DONE, read by the caller after it
    private T result; // as readyNanos
    private Throwable failure; // as readyNanos
    private volatile RefusedException givenUp; // written by the watch, in place of DONE

    /** @param onDiscarded run when the result was discarded, because no caller waits any more */
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

    /** When the result was on its way to the caller; for the caller, once the job is done. */
    long readyNanos() {
        return readyNanos;
    }

    boolean isQueued() {
        return state.get() == State.QUEUED;
    }

    boolean isDone() {
        return state.get() == State.DONE;
    }

    /** Whether the caller left before a thread took it. */
    boolean isWithdrawn() {
        return state.get() == State.WITHDRAWN;
    }

    /** Takes the job for a spawn thread; false when no caller waits any more. */
    boolean take() {
        takenNanos = System.nanoTime(); // before the watch can see that it is taken
        return state.compareAndSet(State.QUEUED, State.TAKEN);
    }

    /** Runs the task, on the spawn thread that has taken the job. */
    void run() {
        try {
            result = task.run();
        } catch (Throwable e) {
            failure = e;
        }
    }

    /** Notes that the delivery begins, on the spawn thread. */
    void setReady() {
        readyNanos = System.nanoTime();
    }

    /** Delivers the result; run after {@link #run}, on a thread that may unpark any other. */
    Runnable delivery() {
        return delivery;
    }

    private void finish() {
        if (state.compareAndSet(State.TAKEN, State.DONE)) {
            LockSupport.unpark(caller);
        } else {
            try {
                task.discard(result); // the caller has left
            } finally {
                onDiscarded.run();
            }
        }
    }

    /**
     * Parks until the task is done or given up. It has no time limit, which costs less: the watch ends what takes too
     * long. Unless this returns a result, the task discards what it has, now or when it is over.
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

    /** Ends the job for a caller that waits no more. */
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
