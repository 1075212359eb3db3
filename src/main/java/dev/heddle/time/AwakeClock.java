package dev.heddle.time;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.StampedLock;
import java.util.function.LongSupplier;

/**
 * Counts the time in which this JVM could act, for time limits. It stands still while the JVM does: stopped by a
 * signal, in a virtual machine that is moved or suspended, on a host without a free processor. By
 * {@link System#nanoTime} every limit would be over after such a pause, before a thread could look at what arrived
 * meanwhile.
 *
 * <p>A daemon thread ticks; between two ticks the clock advances by {@link #LONGEST_STEP} at most, so that it is also
 * right for a thread that reads it after a pause and before the next tick.
 *
 * <p><b>Threading:</b> any thread may read it.
 */
public final class AwakeClock {
    private static final Duration TICK = Duration.ofMillis(50);
    /** The longest delay of a tick that other threads cause; a pause causes longer ones. */
    static final Duration LONGEST_STEP = Duration.ofMillis(150);
    /** The time within which all threads have looked at what arrived during a pause, on a busy host as well. */
    static final Duration SETTLING = Duration.ofMillis(500);

    private final LongSupplier source;
    private final StampedLock lock = new StampedLock();
    private long tickNanos; // guarded by lock; the last tick, by the source
    private long awakeNanos; // guarded by lock; what this clock showed then
    private long settledNanos; // guarded by lock; when the time after the last pause is over, by this clock

    /**
     * Makes a clock that does not tick by itself.
     *
     * @param source a clock such as {@link System#nanoTime()}
     */
    public AwakeClock(LongSupplier source) {
        this.source = source;
        tickNanos = source.getAsLong();
        awakeNanos = tickNanos;
        settledNanos = tickNanos;
    }

    /** Holds the JVM's own clock, which starts to tick when it is first needed. */
    private static final class Ticking {
        static final AwakeClock CLOCK = new AwakeClock(System::nanoTime);

        static {
            Thread.ofPlatform().daemon().name("awake-clock").start(() -> tickForEver(CLOCK));
        }
    }

    /** Returns the JVM's own clock. */
    public static AwakeClock system() {
        return Ticking.CLOCK;
    }

    private static void tickForEver(AwakeClock clock) {
        try {
            while (true) {
                TimeUnit.NANOSECONDS.sleep(TICK.toNanos());
                clock.tick();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // no code has the thread to interrupt it
        }
    }

    /** Tells the clock that the JVM is awake. */
    public void tick() {
        long stamp = lock.writeLock();
        try {
            long now = source.getAsLong();
            long step = now - tickNanos;
            awakeNanos += Math.min(step, LONGEST_STEP.toNanos());
            tickNanos = now;
            if (step > LONGEST_STEP.toNanos()) {
                settledNanos = awakeNanos + SETTLING.toNanos();
            }
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Returns the time in nanoseconds; only differences mean something, as with {@link System#nanoTime()}. */
    public long nanoTime() {
        long stamp = lock.tryOptimisticRead();
        long time = time(source.getAsLong());
        if (!lock.validate(stamp)) {
            stamp = lock.readLock();
            try {
                time = time(source.getAsLong());
            } finally {
                lock.unlockRead(stamp);
            }
        }
        return time;
    }

    private long time(long now) {
        return awakeNanos + Math.min(now - tickNanos, LONGEST_STEP.toNanos());
    }

    /**
     * Returns for how many nanoseconds to come no limit is to be enforced, because a pause has just ended and what
     * arrived during it may not have been looked at; 0 at all other times.
     */
    public long settling() {
        long stamp = lock.readLock();
        try {
            long now = source.getAsLong();
            return now - tickNanos > LONGEST_STEP.toNanos() ? SETTLING.toNanos()
                    : Math.max(0, settledNanos - time(now));
        } finally {
            lock.unlockRead(stamp);
        }
    }
}
