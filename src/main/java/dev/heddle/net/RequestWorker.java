package dev.heddle.net;

import dev.heddle.time.Deadline;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
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
 * <p>A closed worker takes no more tasks, but ends the one under way. After {@link #cancel} in the state PENDING it
 * still waits for the start, because its first task is to be answered.
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
         * Asks for the worker's thread, now or later. Called for the first task of a worker only, because later tasks
         * find a thread. A task that waits for something else before it runs calls {@code start} afterwards, so that
         * the wait takes no thread.
         *
         * @param start starts the thread; may be called on any thread, once or not at all after the task was dropped,
         *              and has to be called soon after {@link #cancel}
         */
        default void whenReady(Runnable start) {
            start.run();
        }

        /** The memory that the task holds. */
        default long bytes() {
            return 0;
        }

        /** Asks the task to end early, before or during its run; from any thread. */
        default void cancel() {}

        /** Frees what the task holds when it is never run. */
        default void dropped() {}
    }

    /** Sends what was written. */
    public interface Flush {
        void run() throws IOException;
    }

    private enum State {
        /** Has had no task. */
        NEW,
        /** Has tasks, of which the first is not ready for a thread. */
        PENDING,
        /** Has a thread. */
        STARTED,
        /** Takes no more tasks. */
        CLOSED
    }

    private final String name;
    private final ThreadFactory threads;
    private final Flush flush;
    private final Runnable onBroken;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<Task> queue = new ArrayDeque<>(); // this and all below: guarded by lock
    private long queuedBytes;
    private State state = State.NEW;
    private Thread thread; // null before the start
    private Task current; // the one under way, or null
    private Runnable onIdle = () -> { }; // run each time that the worker becomes idle

    /**
     * Makes a worker without a thread.
     *
     * @param name     of the thread
     * @param flush    run after each task, because the next one may take long
     * @param onBroken run once when the worker cannot go on: the client cannot be written to, or no thread is left
     */
    RequestWorker(String name, ThreadFactory threads, Flush flush, Runnable onBroken) {
        this.name = name;
        this.threads = threads;
        this.flush = flush;
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
            if (first) {
                state = State.PENDING;
            }
        } finally {
            lock.unlock();
        }
        if (first) {
            try {
                task.whenReady(this::start);
            } catch (RuntimeException | Error e) { // and not to the caller: the task is the worker's by now
                breakDown(e);
            }
        }
    }

    /** Starts the thread, on a thread that may belong to another client and so must not get the errors of this one. */
    private void start() {
        try {
            lock.lock();
            try {
                if (thread == null && !queue.isEmpty()) { // else it is closed, or has been started
                    Thread started = threads.newThread(this::work);
                    started.start();
                    thread = started;
                    state = state == State.PENDING ? State.STARTED : state;
                }
            } finally {
                lock.unlock();
            }
        } catch (RuntimeException | Error e) { // most likely platform threads have run out
            breakDown(e);
        }
    }

    private void breakDown(Throwable why) {
        LOG.warn("no thread for {}: {}", name, why.getMessage());
        try {
            close();
            onBroken.run();
        } catch (RuntimeException | Error e) {
            LOG.error("{} failed", name, e);
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

    /** Runs the action each time that the worker becomes idle, and now, on this thread, if it is idle. */
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

    /** Cancels the task under way, drops what is queued and closes the worker. */
    void abort() {
        close(false).ifPresent(Task::cancel);
    }

    /** Cancels the task under way, or else the first, which is then run to be answered. Closes the worker. */
    void cancel() {
        close(true).ifPresent(Task::cancel);
    }

    /** Drops what is queued and takes no more tasks; the task under way goes on to its end. */
    void close() {
        close(false);
    }

    /** Returns the task under way, or the one that is going to be. */
    private Optional<Task> close(boolean keepsFirst) {
        lock.lock();
        try {
            state = State.CLOSED;
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

    /** Waits for the end of the thread, after a close. */
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

    /**
     * False when nothing more will come. A method of its own, so that a waiting worker holds nothing of its last task.
     */
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
