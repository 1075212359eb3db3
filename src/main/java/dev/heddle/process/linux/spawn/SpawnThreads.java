package dev.heddle.process.linux.spawn;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A few platform threads that start programs for everybody: {@code posix_spawn(3)} holds its caller until the
 * exec, which takes for ever on a dead mount, and a virtual thread would hold a carrier meanwhile. A start
 * that hangs costs one of these threads; others take its place, up to a bound. Safe for use by any threads;
 * lives as long as the JVM.
 */
public final class SpawnThreads {
    /**
     * How many threads there are, and when a start is given up.
     *
     * @param usual      threads that are always kept: one more than processors measured best
     * @param most       threads when starts hang
     * @param ahead      see {@link SpawnBackpressure}
     * @param late       the same
     * @param stuckAfter how long a start waits for a thread while no other start makes progress
     * @param startBound how long a start may take
     */
    public record Bounds(int usual, int most, int ahead, Duration late, Duration stuckAfter, Duration startBound) {
        /**
         * The usual bounds on this host.
         *
         * @param starts how many starts there are at a time. There are fewer threads: so one waits when all hang
         */
        public static Bounds forStarts(int starts) {
            int processors = Runtime.getRuntime().availableProcessors();
            return new Bounds(Math.min(processors + 1, starts - 1), Math.min(Math.max(16, 2 * processors), starts - 1),
                    2 * processors, Duration.ofMillis(10), Duration.ofSeconds(5), Duration.ofSeconds(30));
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(SpawnThreads.class);
    /** A start takes about a millisecond. When none has for so long, those under way may hang. */
    private static final long SUSPICIOUS_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long SURPLUS_IDLE_SECONDS = 5;

    private final SpawnTable table;
    private final Executor others;
    private final Bounds bounds;
    private final SpawnBackpressure backpressure;
    private final BlockingQueue<SpawnJob<?>> queue = new LinkedTransferQueue<>(); // without locks: see PrivateDescriptorTable
    private final Set<SpawnJob<?>> waiting = ConcurrentHashMap.newKeySet(); // jobs whose callers wait
    private final Thread watch;
    private volatile boolean watching; // written by starters, to true, and by the watch
    private final AtomicInteger threads = new AtomicInteger();
    private final AtomicInteger busy = new AtomicInteger(); // of them, those that have taken a start
    private final AtomicInteger named = new AtomicInteger();
    private long resumed = System.nanoTime(); // the watch's alone: when the JVM last went on after a pause
    private volatile long lastProgress = System.nanoTime(); // written by the spawn threads and callers
    private volatile long stuckSince = lastProgress - 1; // written by the watch: the last progress before starts hung

    /**
     * Makes the threads, as they are needed.
     *
     * @param table  where they come from
     * @param others runs what must not be done on them
     */
    public SpawnThreads(SpawnTable table, Executor others, Bounds bounds) {
        this.table = table;
        this.others = others;
        this.bounds = bounds;
        backpressure = new SpawnBackpressure(bounds.ahead(), bounds.late());
        watch = Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false).name("spawn-watch")
                .start(this::watch);
    }

    /**
     * Runs a task on one of the threads, while the calling one parks. Unless this returns the task is told to discard
     * what it has, now or once it is over.
     */
    public <T> T run(SpawnTask<T> task) throws RefusedException, SpawnTask.TextBusyException, InterruptedException {
        SpawnJob<T> job = new SpawnJob<>(task, this::discarded);
        task.prepare();
        boolean awaited = false;
        try {
            waiting.add(job);
            queue.add(job);
            addThreadIfNeeded();
            watchFromNowOn();
            awaited = true;
            return job.await();
        } finally {
            if (!awaited) {
                job.quit();
            }
            waiting.remove(job);
            if (job.isDone()) {
                lastProgress = System.nanoTime(); // before a thread that was paused for long goes on
                backpressure.taken(job.readyNanos());
            } else if (job.isWithdrawn()) {
                queue.remove(job);
            }
        }
    }

    private void discarded() {
        lastProgress = System.nanoTime(); // as for one that is taken
        backpressure.discarded();
    }

    /** Whether no start has made progress since one was given up, or was to be, because none had for so long. */
    public boolean startsHang() {
        return stuckSince == lastProgress;
    }

    private boolean noProgressFor(long nanos) {
        return !backpressure.isPausedWhileAhead() && System.nanoTime() - lastProgress > nanos;
    }

    private static RefusedException stuck() {
        return new RefusedException(Refusal.NO_RESOURCES,
                "the host cannot start another process now: the starts of others hang");
    }

    private void watchFromNowOn() {
        if (!watching) {
            watching = true;
            LockSupport.unpark(watch);
        }
    }

    /** On a thread of its own, which sleeps while no start is under way. */
    private void watch() {
        Throwable failure = null;
        while (true) {
            if (failure != null) {
                try {
                    LOG.error("watching the starts of programs has failed; it goes on", failure);
                    failure = null;
                } catch (OutOfMemoryError e) {
                    failure = e;
                }
            }
            if (waiting.isEmpty()) {
                watching = false;
                if (waiting.isEmpty()) {
                    LockSupport.park(this);
                }
                watching = true;
            }
            long before = System.nanoTime();
            LockSupport.parkNanos(this, LOOK_AGAIN_NANOS);
            long now = System.nanoTime();
            if (now - before > 4 * LOOK_AGAIN_NANOS) {
                resumed = now; // all of the JVM stood still: that is nobody's fault
            }
            try {
                if (!backpressure.isPausedWhileAhead()) {
                    waiting.forEach(job -> giveUpIfHopeless(job, now));
                    addThreadIfNeeded();
                }
            } catch (RuntimeException | Error e) {
                failure = e; // logged in the next round: there may be no memory for that in this one
            }
        }
    }

    private void giveUpIfHopeless(SpawnJob<?> job, long now) {
        if (job.isQueued()) {
            long progress = lastProgress;
            if (Math.min(now - resumed, Math.min(now - progress, now - job.queuedNanos()))
                    > bounds.stuckAfter().toNanos()) {
                stuckSince = progress;
                job.giveUpQueued(stuck());
            }
        } else if (Math.min(now - resumed, now - job.takenNanos()) > bounds.startBound().toNanos()) {
            job.giveUpTaken(new RefusedException(Refusal.NO_RESOURCES,
                    "the program did not start within " + bounds.startBound().toSeconds() + " s"));
        }
    }

    private void addThreadIfNeeded() {
        int count = threads.get();
        boolean stuck = busy.get() >= count && !queue.isEmpty() && noProgressFor(SUSPICIOUS_NANOS);
        if ((count < bounds.usual() || stuck && count < bounds.most())
                && threads.compareAndSet(count, count + 1)) {
            table.startThread("spawn-" + named.incrementAndGet(), this::serve, () -> {
                threads.decrementAndGet(); // starts that find no thread at all are given up by the watch
                LOG.warn("no thread left to start programs on");
            });
        }
    }

    private void serve() {
        try {
            for (SpawnJob<?> job = next(); job != null; job = next()) {
                while (backpressure.pauseIfLate()) {
                    lastProgress = System.nanoTime();
                }
                if (job.take()) {
                    lastProgress = System.nanoTime();
                    busy.incrementAndGet();
                    job.run();
                    backpressure.pauseWhileAhead();
                    busy.decrementAndGet();
                    lastProgress = System.nanoTime();
                    deliver(job);
                }
            }
        } catch (Error e) {
            threads.decrementAndGet(); // another one takes its place; and nothing is logged here
        }
    }

    private void deliver(SpawnJob<?> job) {
        job.setReady();
        while (true) {
            try {
                others.execute(job.delivery());
                return;
            } catch (OutOfMemoryError e) {
                LockSupport.parkNanos(LOOK_AGAIN_NANOS); // somebody waits for it, or it is to be discarded
            }
        }
    }

    /** The next start, or null when this thread is one too many. */
    private SpawnJob<?> next() {
        while (true) {
            try {
                SpawnJob<?> job = queue.poll(SURPLUS_IDLE_SECONDS, TimeUnit.SECONDS);
                if (job != null) {
                    return job;
                }
            } catch (InterruptedException e) {
                // nobody does that; and nothing is logged here
            }
            int count = threads.get();
            if (count > bounds.usual() && threads.compareAndSet(count, count - 1)) {
                return null;
            }
        }
    }
}
