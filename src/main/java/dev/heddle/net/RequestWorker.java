package dev.heddle.net;

import dev.heddle.time.Deadline;

import java.io.Flushable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes, one after the other, the requests of a connection that may take long, on a second thread. The thread is
 * started when the first request is ready for it, and ends with the connection.
 *
 * <pre>
 *  NEW --submit--> PENDING --start--> STARTED
 *   |                 |                  |
 *   +---- close ------+------ close -----+---> CLOSED
 * </pre>
 *
 * <p>A PENDING worker has tasks and no thread. A CLOSED one takes no more tasks and runs at most one to its end: that
 * under way, or after {@link #cancel} the first, for which it is started if need be.
 *
 * <p><b>Threading:</b> while the worker is idle, the reading thread may execute and write itself; the worker's lock
 * hands the writer over. Any thread may cancel or close.
 */
public final class RequestWorker {
    private static final Logger LOG = LoggerFactory.getLogger(RequestWorker.class);
    /**
     * The most that is read ahead of a running task. Beyond that the reading thread waits, and cannot see the client
     * leave: so the bound is generous with requests and strict with their bytes.
     */
    private static final int MAX_QUEUED = 4096;
    private static final long MAX_QUEUED_BYTES = 1 << 20;

    /** A request that is ready to be executed and answered. It is either run or dropped. */
    public interface Task {
        /**
         * Executes the request and writes the reply.
         *
         * @throws IOException when the client has gone
         */
        void run() throws IOException, InterruptedException;

        /**
         * Asks for the worker's thread, now or later: a task that has to wait before it runs takes no thread for that.
         * Called for the first task of a worker only, because later tasks find the thread.
         *
         * @param start starts the thread, whichever thread calls it; without effect once the task was dropped
         */
        default void whenReady(Runnable start) {
            start.run();
        }

        /** The memory that the task holds. */
        default long bytes() {
            return 0;
        }

        /** Asks the task to end early, before or during its run, which comes at once then; from any thread. */
        default void cancel() {}

        /** Frees what the task holds when it is never run. */
        default void dropped() {}
    }

    private enum State { NEW, PENDING, STARTED, CLOSED }

    private final String name;
    private final ThreadFactory threads;
    private final Flushable replies;
    private final Runnable onBroken;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<Task> queue = new ArrayDeque<>(); // this and all below: guarded by lock
    private long queuedBytes;
    private State state = State.NEW;
    private Task current; // the one under way, or null
    private Runnable onIdle = () -> { }; // run each time that the worker becomes idle
    private volatile Thread thread; // null before the start; written under lock

    /**
     * Makes a worker without a thread.
     *
     * @param replies  are flushed after each task, because the next one may take long
     * @param onBroken run once when the worker cannot go on: the client cannot be written to, or no thread is left
     */
    RequestWorker(String name, ThreadFactory threads, Flushable replies, Runnable onBroken) {
        this.name = name;
        this.threads = threads;
        this.replies = replies;
        this.onBroken = onBroken;
    }

    /** Queues a task behind all others. Blocks while the queue is full. A closed worker drops the task. */
    void submit(Task task) throws InterruptedException {
        boolean first;
        lock.lockInterruptibly();
        try {
            while ((queue.size() >= MAX_QUEUED || queuedBytes >= MAX_QUEUED_BYTES) && state != State.CLOSED) {
                changed.await();
            }
            if (state == State.CLOSED) {
                task.dropped();
                return;
            }
            queue.add(task);
            queuedBytes += task.bytes();
            changed.signalAll();
            first = state == State.NEW;
            state = first ? State.PENDING : state;
        } finally {
            lock.unlock();
        }
        if (first) {
            orBreakDown(() -> task.whenReady(() -> orBreakDown(this::start)));
        }
    }

    private void start() {
        lock.lock();
        try {
            if (thread == null && !queue.isEmpty()) { // else it is closed, or has been started
                Thread started = threads.newThread(this::work);
                started.start();
                thread = started;
                state = state == State.CLOSED ? State.CLOSED : State.STARTED;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Keeps errors from the calling thread, which may belong to another client: most likely threads have run out. */
    private void orBreakDown(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            LOG.warn("no thread for {}: {}", name, e.getMessage());
            try {
                close();
                onBroken.run();
            } catch (RuntimeException | Error failure) {
                LOG.error("{} failed", name, failure);
            }
        }
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
            while ((current != null || !queue.isEmpty()) && deadline.left() > 0) {
                changed.awaitNanos(deadline.left());
            }
            return current == null && queue.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Runs the action each time that the worker becomes idle, and now, on this thread, if it is idle. */
    void onIdle(Runnable action) {
        lock.lock();
        try {
            onIdle = action;
        } finally {
            lock.unlock();
        }
        if (isIdle()) {
            action.run();
        }
    }

    /** Cancels the task under way. Closes the worker. */
    void abort() {
        close(false).ifPresent(Task::cancel);
    }

    /** Cancels the task under way, or else the first, which is then run at once to be answered. Closes the worker. */
    void cancel() {
        close(true).ifPresent(task -> {
            task.cancel();
            orBreakDown(this::start);
        });
    }

    /** Drops what is queued and takes no more tasks; the task under way goes on to its end. */
    void close() {
        close(false);
    }

    /** Returns the task under way, or the one that is going to be. */
    private Optional<Task> close(boolean keepsFirst) {
        List<Task> dropped;
        Task last;
        lock.lock();
        try {
            state = State.CLOSED;
            Task kept = keepsFirst && current == null ? queue.poll() : null;
            dropped = List.copyOf(queue);
            queue.clear();
            queuedBytes = 0;
            if (kept != null) {
                queue.add(kept);
                queuedBytes = kept.bytes();
            }
            changed.signalAll();
            last = kept == null ? current : kept;
        } finally {
            lock.unlock();
        }
        dropped.forEach(Task::dropped); // without the lock: a command that waited no more lets others start
        return Optional.ofNullable(last);
    }

    /** Waits for the end of the thread, after a close. */
    void join() throws InterruptedException {
        if (thread != null) {
            thread.join();
        }
    }

    private void work() {
        Thread.currentThread().setName(name);
        try {
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

    /** False when nothing more will come. As a method of its own it lets go of its task before the next wait. */
    private boolean runNext() throws IOException, InterruptedException {
        Task task = next();
        if (task == null) {
            return false;
        }
        task.run();
        replies.flush();
        return true;
    }

    private Task next() throws InterruptedException {
        idle();
        lock.lockInterruptibly();
        try {
            while (queue.isEmpty() && state != State.CLOSED) {
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
        Runnable action;
        lock.lock();
        try {
            current = null;
            changed.signalAll();
            action = queue.isEmpty() ? onIdle : () -> { };
        } finally {
            lock.unlock();
        }
        action.run();
    }
}
