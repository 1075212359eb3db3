package dev.heddle.net;

import dev.heddle.time.Deadline;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The second thread of a connection: executes, one after the other, the requests that the reading thread must
 * not be held up by. The first of them has it started, see {@link LaneStarts}; it ends with the connection. While
 * the lane is idle, the reading thread may execute and write itself; the lane's lock hands the writer over.
 */
public final class RequestWorker {
    private static final Logger LOG = LoggerFactory.getLogger(RequestWorker.class);
    /**
     * How much is read ahead of a running task. Beyond that the client has to wait, and the reading thread with
     * it, which then cannot see the client leave: so it is generous with requests and strict with their bytes.
     */
    private static final int MAX_QUEUED = 4096;
    private static final long MAX_QUEUED_BYTES = 1 << 20;

    /** A request, ready to be executed and answered. Either it is run or it is dropped. */
    public interface Task {
        /**
         * Executes the request and writes the reply.
         *
         * @throws IOException when the client has gone
         */
        void run() throws IOException, InterruptedException;

        /** Whether it most likely starts a program, and so does better to wait until there is room for that. */
        default boolean startsProgram() {
            return false;
        }

        /** What the task holds in memory. */
        default long bytes() {
            return 0;
        }

        /** Asks a run under way to end early; from any thread. */
        default void cancel() {}

        /** Frees what the task holds, when it is never run. */
        default void dropped() {}
    }

    /** Sends what was written. */
    public interface Flush {
        void run() throws IOException;
    }

    private final String name;
    private final LaneStarts starts;
    private final Flush flush;
    private final Runnable onBroken;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<Task> queue = new ArrayDeque<>(); // guarded by lock
    private long queuedBytes; // guarded by lock
    private boolean wanted; // guarded by lock; whether there has been a task, and so a thread is on its way
    private Thread thread; // guarded by lock
    private Task current; // guarded by lock; the one under way
    private boolean closed; // guarded by lock
    private Runnable onIdle = () -> { }; // guarded by lock; run each time that the lane becomes idle

    /**
     * A lane without a thread as yet.
     *
     * @param flush    run by the lane after each task: the next one may take long
     * @param onBroken run once when the lane cannot go on: the client cannot be written to, or no thread is left
     */
    RequestWorker(String name, LaneStarts starts, Flush flush, Runnable onBroken) {
        this.name = name;
        this.starts = starts;
        this.flush = flush;
        this.onBroken = onBroken;
    }

    /** Queues a task behind all others; blocks while the queue is full. A closed lane drops it. */
    void submit(Task task) throws InterruptedException {
        boolean first;
        lock.lockInterruptibly();
        try {
            while ((queue.size() >= MAX_QUEUED || queuedBytes >= MAX_QUEUED_BYTES) && !closed) {
                changed.await();
            }
            if (closed) {
                task.dropped();
                return;
            }
            queue.add(task);
            queuedBytes += task.bytes();
            changed.signalAll();
            first = !wanted;
            wanted = true;
        } finally {
            lock.unlock();
        }
        if (first) {
            try {
                starts.add(this, task.startsProgram());
            } catch (RuntimeException | Error e) { // and not to the caller: the task is the lane's by now
                breakDown(e);
            }
        }
    }

    /** For {@link LaneStarts}, on any thread; false when there is nothing to do any more or no thread to do it on. */
    boolean start(ThreadFactory threads) {
        Throwable failure;
        lock.lock();
        try {
            if (queue.isEmpty()) {
                return false; // closed meanwhile
            }
            Thread started = threads.newThread(this::work);
            started.start();
            thread = started;
            return true;
        } catch (RejectedExecutionException | OutOfMemoryError e) { // as good as only platform threads run out
            failure = e;
        } finally {
            lock.unlock();
        }
        breakDown(failure);
        return false;
    }

    private void breakDown(Throwable why) {
        LOG.warn("no thread for {}: {}", name, why.getMessage());
        close();
        onBroken.run();
    }

    boolean isIdle() {
        lock.lock();
        try {
            return queue.isEmpty() && current == null;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until everything submitted has been executed and sent. */
    boolean awaitIdle(Duration bound) throws InterruptedException {
        Deadline deadline = Deadline.in(bound);
        lock.lockInterruptibly();
        try {
            while (current != null || !queue.isEmpty()) {
                long left = deadline.left();
                if (left <= 0) {
                    return false;
                }
                changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Runs the action each time that there is nothing to do any more, the first time on this thread if that is now. */
    void onIdle(Runnable action) {
        lock.lock();
        try {
            onIdle = action;
            if (current != null || !queue.isEmpty()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        action.run();
    }

    /** Cancels the task under way, drops what is queued and takes nothing more. */
    void abort() {
        close(false).ifPresent(Task::cancel);
    }

    /** Cancels the task under way, or else the first, which is then run to be answered. Takes nothing more. */
    void cancel() {
        close(true).ifPresent(Task::cancel);
    }

    /** Drops what is queued and takes nothing more; the task under way goes on to its end. */
    void close() {
        close(false);
    }

    /** The task under way from now on to the end of the lane, or the one that is going to be. */
    private Optional<Task> close(boolean keepsFirst) {
        lock.lock();
        try {
            closed = true;
            Task kept = keepsFirst && current == null ? queue.poll() : null;
            queue.forEach(Task::dropped);
            queue.clear();
            queuedBytes = 0;
            if (kept != null) {
                queue.add(kept);
                queuedBytes = kept.bytes();
            }
            changed.signalAll();
            return Optional.ofNullable(kept == null ? current : kept);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the end of the lane's thread, after a close. */
    void join() throws InterruptedException {
        Thread started;
        lock.lock();
        try {
            started = thread;
        } finally {
            lock.unlock();
        }
        if (started != null) {
            started.join();
        }
    }

    private void work() {
        try {
            starts.begun();
            Thread.currentThread().setName(name);
            while (runNext()) { }
        } catch (IOException e) {
            LOG.debug("{}: the client has gone: {}", name, e.getMessage());
            onBroken.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            onBroken.run();
        } catch (RuntimeException | Error e) {
            LOG.error("{} failed", name, e);
            onBroken.run();
        } finally {
            close();
            idle();
        }
    }

    /** False when nothing more will come. A method of its own: a lane that waits holds nothing of its last task. */
    private boolean runNext() throws IOException, InterruptedException {
        Task task = next();
        if (task != null) {
            task.run();
            flush.run();
        }
        return task != null;
    }

    private Task next() throws InterruptedException {
        idle();
        lock.lockInterruptibly();
        try {
            while (queue.isEmpty() && !closed) {
                changed.await();
            }
            current = queue.poll();
            queuedBytes -= current == null ? 0 : current.bytes();
            changed.signalAll();
            return current;
        } finally {
            lock.unlock();
        }
    }

    private void idle() {
        Runnable action = null;
        lock.lock();
        try {
            current = null;
            changed.signalAll();
            if (queue.isEmpty()) {
                action = onIdle;
            }
        } finally {
            lock.unlock();
        }
        if (action != null) {
            action.run();
        }
    }
}
