package dev.heddle.time;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;

/**
 * The end of a bounded wait, on an {@link AwakeClock}: a pause of the JVM does not count. If the time is up right after
 * a pause, the wait goes on once for as long as the clock settles, so that what arrived during the pause is seen before
 * the limit. After that, every wait looks once more for what it waits for. For one thread at a time.
 */
public final class Deadline {
    private static final long UNBOUNDED_NANOS = Long.MAX_VALUE / 2;

    private final AwakeClock clock;
    private long atNanos;
    private boolean extendable;
    private final long nanos; // at first

    private Deadline(AwakeClock clock, long nanos) {
        this.clock = clock;
        this.nanos = nanos;
        atNanos = clock.nanoTime() + nanos;
        extendable = nanos > 0;
    }

    /** Makes a deadline on the JVM's own clock. A bound of zero or less is over at once, and never extended. */
    public static Deadline in(Duration bound) {
        return in(bound, AwakeClock.system());
    }

    public static Deadline in(Duration bound, AwakeClock clock) {
        return new Deadline(clock, TimeUnit.NANOSECONDS.convert(bound)); // as long as it can count, if it is longer
    }

    public static Deadline unbounded() {
        return new Deadline(AwakeClock.system(), UNBOUNDED_NANOS);
    }

    /** Waits on a condition, once, for as long as there is time; returns at once when there is none. */
    public void await(Condition condition) throws InterruptedException {
        if (nanos == UNBOUNDED_NANOS) {
            condition.await(); // costs no timer
        } else {
            long left = left();
            if (left > 0) {
                condition.awaitNanos(left);
            }
        }
    }

    /** Returns how many nanoseconds are left; zero or less once the time is up. */
    public long left() {
        long left = atNanos - clock.nanoTime();
        if (left <= 0 && extendable) {
            extendable = false;
            long settling = clock.settling();
            atNanos += settling == 0 ? 0 : settling - left;
            return settling == 0 ? left : settling;
        }
        return left;
    }

    /** Waits for a future to complete in any way; false when the time was up before. */
    public boolean await(CompletableFuture<?> future) throws InterruptedException {
        for (long left = left(); left > 0 && !future.isDone(); left = left()) {
            try {
                if (nanos == UNBOUNDED_NANOS) {
                    future.get(); // costs no timer
                } else {
                    future.get(left, TimeUnit.NANOSECONDS);
                }
            } catch (ExecutionException | TimeoutException e) {
                continue; // whether it is done, and whether time is left, is what the loop asks
            }
        }
        return future.isDone();
    }

    /** Waits for a latch; false when the time was up before. */
    public boolean await(CountDownLatch latch) throws InterruptedException {
        boolean down = false;
        for (long left = left(); left > 0 && !down; left = left()) {
            down = latch.await(left, TimeUnit.NANOSECONDS);
        }
        return down || latch.getCount() == 0;
    }

    /** Waits for the end of a thread; false when the time was up before. */
    public boolean join(Thread thread) throws InterruptedException {
        for (long left = left(); left > 0 && thread.isAlive(); left = left()) {
            thread.join(Duration.ofNanos(left));
        }
        return !thread.isAlive();
    }

    public void sleep() throws InterruptedException {
        for (long left = left(); left > 0; left = left()) {
            TimeUnit.NANOSECONDS.sleep(left);
        }
    }

    /** Acquires permits; false when they were not available before the time was up. */
    public boolean acquire(Semaphore semaphore, int permits) throws InterruptedException {
        boolean acquired = false;
        for (long left = left(); left > 0 && !acquired; left = left()) {
            acquired = semaphore.tryAcquire(permits, left, TimeUnit.NANOSECONDS);
        }
        return acquired || semaphore.tryAcquire(permits);
    }

    /** Takes the first element; null when none came before the time was up. */
    public <T> T poll(BlockingQueue<T> queue) throws InterruptedException {
        T first = null;
        for (long left = left(); left > 0 && first == null; left = left()) {
            first = queue.poll(left, TimeUnit.NANOSECONDS);
        }
        return first == null ? queue.poll() : first;
    }
}
