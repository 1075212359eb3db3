package dev.heddle.process.linux.spawn;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * Holds the spawn threads back while their callers are behind: one start more would only let all clients wait longer.
 * Made by {@link SpawnThreads}, whose threads wait here; callers tell what has become of results.
 */
final class SpawnBackpressure {
    /** The longest pause after one late result. */
    static final Duration LONGEST_PAUSE = Duration.ofMillis(100);

    private final Semaphore ahead; // acquired by spawn threads, released by callers
    private final long lateNanos;
    private volatile long resumeNanos = System.nanoTime(); // written by late callers, read by spawn threads

    /**
     * @param ahead results that no caller has taken yet, at which the threads pause
     * @param late  how late callers may take their results: after one that is later, the threads pause for as long
     *              as it was, {@link #LONGEST_PAUSE} at most, because the host has more to do than it can
     */
    SpawnBackpressure(int ahead, Duration late) {
        this.ahead = new Semaphore(ahead);
        lateNanos = late.toNanos();
    }

    /** For spawn threads before a start; false when there is no reason to pause, or no more. Waits for a part of it. */
    boolean pauseIfLate() {
        long left = resumeNanos - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        LockSupport.parkNanos(this, left);
        return true;
    }

    /** For spawn threads that have a result; {@link #taken} or {@link #discarded} follows for each. */
    void pauseWhileAhead() {
        ahead.acquireUninterruptibly();
    }

    /** Whether a thread waits because of results not taken. A pause after late ones does not count: it soon ends. */
    boolean isPausedWhileAhead() {
        return ahead.hasQueuedThreads();
    }

    /** For the caller who has taken a result that was on its way since then, by {@link System#nanoTime}. */
    void taken(long readyNanos) {
        long now = System.nanoTime();
        long waited = now - readyNanos;
        if (waited > lateNanos) { // the last word counts: it is what is so now
            resumeNanos = now + Math.min(waited, LONGEST_PAUSE.toNanos());
        }
        ahead.release();
    }

    /** Nobody waits for the result any more. */
    void discarded() {
        ahead.release();
    }
}
