package dev.heddle.server;

import dev.heddle.time.Deadline;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The places for clients, of all listeners together, and the line of those that were accepted while none was free. A
 * client in the line gets the next free place, first come, first served, or is refused when its own time is up: nobody
 * waits for those before it to be refused. The line is bounded, and one thread serves all of it. The server owns it.
 *
 * <p><b>Threading:</b> any thread may use it.
 */
final class Places implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Places.class);

    private static final Duration PAUSE = Duration.ofMillis(50);

    /** A client in the line. Exactly one of its methods is called, once, and must not block. */
    interface Guest {
        /** Takes a place over. False when it has given the place back for want of a thread, as the next one would. */
        boolean admit();

        void refuse();
    }

    /** @param deadline when it has waited for long enough */
    private record Waiting(Guest guest, Deadline deadline) {}

    private final int maxWaiting;
    private final Duration wait;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<Waiting> line = new ArrayDeque<>(); // guarded by lock
    private int free; // guarded by lock
    private int inUse; // guarded by lock; places that are taken, and threads that may still take one
    private boolean closed; // guarded by lock

    /**
     * All places are free.
     *
     * @param count       of places, at least 1
     * @param maxWaiting  clients in the line
     * @param wait        how long each of them waits
     * @param acceptLoops that take places; each says when it has ended
     */
    Places(int count, int maxWaiting, Duration wait, int acceptLoops) {
        this.maxWaiting = maxWaiting;
        this.wait = wait;
        free = count;
        inUse = acceptLoops + 1; // and the thread of the line
    }

    /** Takes a place if one is free and nobody waits for it; whoever got one gives it back. */
    boolean tryTake() {
        lock.lock();
        try {
            return line.isEmpty() && takeFree();
        } finally {
            lock.unlock();
        }
    }

    private boolean takeFree() {
        if (free == 0) {
            return false;
        }
        free--;
        inUse++;
        return true;
    }

    /** Lets a client wait for a place. False when too many wait already, or none will get one any more. */
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

    void giveBack() {
        lock.lock();
        try {
            free++;
            inUse--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** An accept loop has ended: it takes no place any more. */
    void acceptLoopEnded() {
        threadEnded();
    }

    private void threadEnded() {
        lock.lock();
        try {
            inUse--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Serves the line until it is closed and empty. Runs on a thread of its own. */
    void serveLine() {
        Thread.currentThread().setName("waiting-line");
        try {
            for (Waiting first = first(); first != null; first = first()) {
                if (!serve(first.guest(), awaitPlace(first))) {
                    pause();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does that
        } finally {
            threadEnded();
        }
    }

    /** False when others had better not be tried at once. */
    private static boolean serve(Guest guest, boolean hasPlace) {
        try {
            if (hasPlace) {
                return guest.admit();
            }
            guest.refuse();
            return true;
        } catch (RuntimeException | Error e) { // as when memory is short; all others still wait
            LOG.error("a client that waited for a place is lost", e);
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

    /** Null when there will be none any more. */
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

    /** All wait equally long, so the first in the line is the first whose time is up. It leaves the line. */
    private boolean awaitPlace(Waiting first) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            boolean taken = false;
            while (!closed && !taken) {
                taken = takeFree();
                long left = taken ? 0 : first.deadline().left();
                if (left <= 0) {
                    break;
                }
                changed.awaitNanos(left);
            }
            line.remove();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** How many clients wait for a place. */
    int waiting() {
        lock.lock();
        try {
            return line.size();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until no place is taken and nobody is left to take one; false when the time was up before. */
    boolean awaitAllFree(Deadline deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (inUse > 0) {
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

    /** Lets nobody wait any more: those in the line are refused. Places that are taken stay so. */
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
