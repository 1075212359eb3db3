package dev.heddle.net;

import dev.heddle.time.Deadline;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The permits for connections, of all listeners together, and the line of clients that were accepted while no permit
 * was free. A client in the line gets the next free permit, first come, first served, or is refused when its own time
 * is up, however many are before it. The line is bounded, and one thread serves all of it.
 *
 * <p><b>Threading:</b> any thread may use it.
 */
final class ConnectionPermits implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionPermits.class);
    private static final Duration PAUSE = Duration.ofMillis(50);

    /** A permit that was taken. Its holder closes it exactly once. */
    final class Permit implements AutoCloseable {
        private Permit() {}

        @Override
        public void close() {
            change(1, -1);
        }
    }

    /** A client in the line. Exactly one of its methods is called, once, and must not block. */
    interface Guest {
        /** Takes the permit over. False when it has closed the permit for want of a thread, as the next one would. */
        boolean admit(Permit permit);

        void refuse();
    }

    /** @param deadline when the client has waited for long enough */
    private record Waiting(Guest guest, Deadline deadline) {}

    private final int maxWaiting; // clients in the line
    private final Duration wait; // of each of them
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<Waiting> line = new ArrayDeque<>(); // guarded by lock
    private int free; // guarded by lock
    private int inUse; // guarded by lock; permits that are taken, and threads that may still take one
    private boolean closed; // guarded by lock

    /** @param count of permits, at least 1 */
    ConnectionPermits(int count, int maxWaiting, Duration wait) {
        this.maxWaiting = maxWaiting;
        this.wait = wait;
        free = count;
    }

    /** Takes a permit if one is free and no client waits for it. */
    Optional<Permit> tryTake() {
        lock.lock();
        try {
            return line.isEmpty() ? takeFree() : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. */
    private Optional<Permit> takeFree() {
        if (free == 0) {
            return Optional.empty();
        }
        free--;
        inUse++;
        return Optional.of(new Permit());
    }

    /** Lets a client wait for a permit. False when too many wait already, or the line is closed. */
    boolean await(Guest guest) {
        lock.lock();
        try {
            if (closed || line.size() >= maxWaiting) {
                return false;
            }
            line.add(new Waiting(guest, Deadline.in(wait)));
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Counts a thread that may take permits from now on: an accept loop, or the line's own thread. */
    void takerStarts() {
        change(0, 1);
    }

    /** Counts such a thread as ended. */
    void takerEnds() {
        change(0, -1);
    }

    private void change(int freeBy, int inUseBy) {
        lock.lock();
        try {
            free += freeBy;
            inUse += inUseBy;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Serves the line until it is closed and empty. Runs on a thread of its own, which counts as a taker. */
    void serveLine() {
        Thread.currentThread().setName("waiting-line");
        try {
            for (Waiting first = first(); first != null; first = first()) {
                if (!serve(first.guest(), awaitPermit(first))) {
                    pause();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // never happens; it ends the line like a close
        } finally {
            takerEnds();
        }
    }

    /** False when the next client is not to be tried at once. */
    private static boolean serve(Guest guest, Optional<Permit> permit) {
        try {
            if (permit.isPresent()) {
                return guest.admit(permit.get());
            }
            guest.refuse();
            return true;
        } catch (RuntimeException | Error e) { // as when memory is short; all others still wait
            LOG.error("a client that waited for a permit is lost", e);
            return true;
        }
    }

    private void pause() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (!closed) {
                changed.awaitNanos(PAUSE.toNanos());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Null when the line is closed and empty. */
    private Waiting first() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (line.isEmpty() && !closed) {
                changed.await();
            }
            return line.peek();
        } finally {
            lock.unlock();
        }
    }

    /** Takes the first client out of the line. All wait equally long, so its time is up before that of the others. */
    private Optional<Permit> awaitPermit(Waiting first) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && free == 0 && first.deadline().left() > 0) {
                changed.awaitNanos(first.deadline().left());
            }
            line.remove();
            return closed ? Optional.empty() : takeFree();
        } finally {
            lock.unlock();
        }
    }

    /** Counts the clients that wait for a permit. */
    int waiting() {
        lock.lock();
        try {
            return line.size();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until no permit is taken and no thread is left to take one. False when the time was up before. */
    boolean awaitAllFree(Deadline deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (inUse > 0 && deadline.left() > 0) {
                changed.awaitNanos(deadline.left());
            }
            return inUse == 0;
        } finally {
            lock.unlock();
        }
    }

    /** Closes the line: the clients in it are refused. Permits that are taken stay so. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
