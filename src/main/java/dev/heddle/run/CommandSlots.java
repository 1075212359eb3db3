package dev.heddle.run;

import dev.heddle.command.RefusedException;
import dev.heddle.time.Deadline;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Admits commands: so many run at once, so many more wait in line for a bounded time, the rest are refused.
 * First come, first served.
 */
final class CommandSlots {
    private final int maxRunning;
    private final int maxWaiting;
    private final Duration maxWait;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<CompletableFuture<Boolean>> line = new ArrayDeque<>(); // guarded by lock
    private int running; // guarded by lock

    CommandSlots(int maxRunning, int maxWaiting, Duration maxWait) {
        this.maxRunning = maxRunning;
        this.maxWaiting = maxWaiting;
        this.maxWait = maxWait;
    }

    /**
     * Takes a slot, waiting in line if need be; whoever got one must {@link #release()} it.
     *
     * @return false when the command was cancelled while it waited
     */
    boolean acquire(Cancellation cancellation) throws RefusedException, InterruptedException {
        CompletableFuture<Boolean> turn = new CompletableFuture<>();
        lock.lock();
        try {
            if (running < maxRunning) {
                running++;
                return true;
            }
            if (line.size() >= maxWaiting) {
                throw RefusedException.busy(maxRunning + " commands are running and " + maxWaiting + " are waiting");
            }
            line.add(turn);
        } finally {
            lock.unlock();
        }
        boolean admitted = false;
        try (Cancellation.Listening listening = cancellation.whenCancelled(() -> turn.complete(false))) {
            if (!Deadline.in(maxWait).await(turn) && turn.complete(false)) {
                throw RefusedException.busy(maxRunning + " commands are running; none ended within "
                        + maxWait.toMillis() + " ms");
            }
            admitted = turn.join();
            return admitted;
        } finally {
            if (!admitted) {
                leave(turn);
            }
        }
    }

    /** For one who goes without running; if his turn came in this very moment, the slot is passed on. */
    private void leave(CompletableFuture<Boolean> turn) {
        lock.lock();
        try {
            line.remove(turn);
        } finally {
            lock.unlock();
        }
        if (!turn.complete(false) && turn.join()) {
            release();
        }
    }

    void release() {
        lock.lock();
        try {
            CompletableFuture<Boolean> next;
            do {
                next = line.poll();
            } while (next != null && !next.complete(true));
            if (next == null) {
                running--;
            }
        } finally {
            lock.unlock();
        }
    }

    int running() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }

    int waiting() {
        lock.lock();
        try {
            return line.size();
        } finally {
            lock.unlock();
        }
    }
}
