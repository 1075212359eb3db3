package dev.heddle.process.linux.spawn;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/** Holds the spawn threads back while their callers are behind: more starts would only make all clients wait longer. */
final class SpawnBackpressure {
    /** The longest pause after one late result. */
    static final Duration LONGEST_PAUSE = Duration.ofMillis(100);

    private final Semaphore ahead; // acquired by spawn threads, released by callers
    private final long lateNanos;
    private volatile long resumeNanos = System.nanoTime(); // written by late callers, read by spawn threads

    /**
     * Holds no thread back at first.
     *
     * @param ahead results that no caller has taken yet, at which the threads pause
     * @param late  how late callers may take results: after a later one the threads pause for as long as it was late,
     *     {@link #LONGEST_PAUSE} at most
     */
    SpawnBackpressure(int ahead, Duration late) {
        this.ahead = new Semaphore(ahead);
        lateNanos = late.toNanos();
    }

    /** Pauses a spawn thread before a start, for a part of the time; false when there is no reason to, or no more. */
    boolean pauseIfLate() {
        long left = resumeNanos - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        LockSupport.parkNanos(this, left);
        return true;
    }

    /** Pauses a spawn thread that has a result; {@link #taken} or {@link #discarded} follows for each. */
    void pauseWhileAhead() {
        ahead.acquireUninterruptibly();
    }

    /** Whether a thread waits because of results not taken. A pause after late ones does not count: it ends soon. */
    boolean isPausedWhileAhead() {
        return ahead.hasQueuedThreads();
    }

    /** Reports that a caller has taken a result that was on its way since then, by {@link System#nanoTime}. */
    void taken(long readyNanos) {
        long now = System.nanoTime();
        long waited = now - readyNanos;
        if (waited > lateNanos) { // the last one counts: it shows the present
            resumeNanos = now + Math.min(waited, LONGEST_PAUSE.toNanos());
        }
        ahead.release();
    }

    /** Reports that no caller waits for a result any more. */
    void discarded() {
        ahead.release();
    }
}
