package dev.heddle.time;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Counts the time in which this JVM could act, for time limits. It stands still while the JVM does: stopped by a
 * signal, in a virtual machine that is suspended, on a host without a free processor. By {@link System#nanoTime} every
 * limit would be over after such a pause, before a thread could look at what arrived meanwhile.
 *
 * <p>A daemon thread ticks; between two ticks the clock advances by {@link #LONGEST_STEP} at most, so that it is also
 * right for a thread that reads it after a pause and before the next tick. Any thread may read it.
 */
public final class AwakeClock {
    private static final Duration TICK = Duration.ofMillis(50);
    /** The longest delay of a tick that other threads cause; a pause causes longer ones. */
    static final Duration LONGEST_STEP = Duration.ofMillis(150);
    /** The time within which all threads have looked at what arrived during a pause, on a busy host as well. */
    static final Duration SETTLING = Duration.ofMillis(500);

    private final LongSupplier source;
    private volatile Tick last; // written by the ticking thread

    /** A tick: when the source and this clock show it, and when this one shows the end of the last pause's effects. */
    private record Tick(long atNanos, long awakeNanos, long settledNanos) {
        long awake(long nowNanos) {
            return awakeNanos + Math.min(nowNanos - atNanos, LONGEST_STEP.toNanos());
        }

        boolean isOverdue(long nowNanos) {
            return nowNanos - atNanos > LONGEST_STEP.toNanos();
        }
    }

    /** Makes a clock that does not tick by itself, from one such as {@link System#nanoTime()}. */
    public AwakeClock(LongSupplier source) {
        this.source = source;
        long now = source.getAsLong();
        last = new Tick(now, now, now);
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

    /** Tells the clock that the JVM is awake. For one thread. */
    public void tick() {
        Tick before = last;
        long now = source.getAsLong();
        long awake = before.awake(now);
        last = new Tick(now, awake, before.isOverdue(now) ? awake + SETTLING.toNanos() : before.settledNanos());
    }

    /** Returns the time in nanoseconds; only differences mean something, as with {@link System#nanoTime()}. */
    public long nanoTime() {
        Tick tick = last; // before the source is read, which then shows the time of this tick or a later one
        return tick.awake(source.getAsLong());
    }

    /**
     * Returns for how many nanoseconds to come no limit is to be enforced, because a pause has just ended and what
     * arrived during it may not have been looked at; 0 at all other times.
     */
    public long settling() {
        Tick tick = last;
        long now = source.getAsLong();
        return tick.isOverdue(now) ? SETTLING.toNanos() : Math.max(0, tick.settledNanos() - tick.awake(now));
    }
}
