package dev.heddle.process.linux.spawn;

import dev.heddle.command.RefusedException;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** A task on its way from its caller to a spawn thread, and its result back. The watch may give it up. */
final class SpawnJob<T> {
    /**
     * Who has the job.
     *
     * <pre>
     * QUEUED -- a thread takes it --> TAKEN -- its result is delivered --> DONE
     *    '-- caller leaves --> WITHDRAWN '-- caller leaves --> ABANDONED
     * </pre>
     */
    enum State { QUEUED, TAKEN, DONE, WITHDRAWN, ABANDONED }

    /** Made early, so that nothing can fail once there is a result. */
    private final Runnable delivery = this::finish;
    private final SpawnTask<T> task;
    private final Runnable onDiscarded;
    private final Thread caller = Thread.currentThread();
    final long queuedNanos = System.nanoTime();
    private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);
    volatile long takenNanos; // written by the spawn thread
    long readyNanos; // when the result was on its way; written before DONE, read by the caller after it
    private T result; // as readyNanos
    private Throwable failure; // as readyNanos
    private volatile RefusedException givenUp; // written by the watch, in place of DONE

    SpawnJob(SpawnTask<T> task, Runnable onDiscarded) {
        this.task = task;
        this.onDiscarded = onDiscarded;
    }

    State state() {
        return state.get();
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

    /** What delivers the result, from now on; run after {@link #run}, on a thread that may unpark any other. */
    Runnable delivery() {
        readyNanos = System.nanoTime();
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

    /** Parks until the task is done, or the watch gives it up. Unless this returns a result, the task discards it. */
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
        if (!state.compareAndSet(State.QUEUED, State.WITHDRAWN)) {
            state.compareAndSet(State.TAKEN, State.ABANDONED);
        }
        discardUnlessUnderWay();
    }

    private void discardUnlessUnderWay() {
        if (state.get() != State.ABANDONED) {
            task.discard(result);
        }
    }
}
