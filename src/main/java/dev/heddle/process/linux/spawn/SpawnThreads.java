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
 * A few platform threads that start all programs: {@code posix_spawn(3)} holds its caller until the exec, which takes
 * for ever on a dead mount, and a virtual thread would hold a carrier meanwhile. A start that hangs costs one of these
 * threads; others take its place, up to a bound. They live as long as the JVM. Safe for all threads.
 */
public final class SpawnThreads {
    /**
     * How many threads there are, and when a start is given up.
     *
     * @param usual      threads that are always kept; one more than processors measured best
     * @param most       threads when starts hang
     * @param ahead      results that no caller has taken yet, at which the threads pause
     * @param late       how late callers may take their results before the threads pause
     * @param stuckAfter how long a start waits for a thread while no other start makes progress
     * @param startBound how long a start may take
     */
    public record Bounds(int usual, int most, int ahead, Duration late, Duration stuckAfter, Duration startBound) {
        /** The bounds for so many starts at a time: there are fewer threads, so that one waits if all hang. */
        public static Bounds forStarts(int starts) {
            int processors = Runtime.getRuntime().availableProcessors();
            return new Bounds(Math.min(processors + 1, starts - 1), Math.min(Math.max(16, 2 * processors), starts - 1),
                    2 * processors, Duration.ofMillis(10), Duration.ofSeconds(5), Duration.ofSeconds(30));
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(SpawnThreads.class);
    /** Without progress for so long, the starts under way may hang: a start takes about a millisecond. */
    private static final long SUSPICIOUS_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long SURPLUS_IDLE_SECONDS = 5;

    private final SpawnTable table;
    private final Executor others;
    private final Bounds bounds;
    private final SpawnBackpressure backpressure;
    /** Without locks: see {@link PrivateDescriptorTable}. */
    private final BlockingQueue<SpawnJob<?>> queue = new LinkedTransferQueue<>();
    private final Set<SpawnJob<?>> waiting = ConcurrentHashMap.newKeySet(); // jobs whose callers wait
    private final Thread watch;
    private volatile boolean watching; // set by callers, cleared and set by the watch
    private final AtomicInteger threads = new AtomicInteger();
    private final AtomicInteger busy = new AtomicInteger(); // of them, those that have taken a start
    private final AtomicInteger named = new AtomicInteger();
    private long resumed = System.nanoTime(); // used by the watch only: when the JVM last went on after a pause
    private volatile long lastProgress = System.nanoTime(); // written by the spawn threads and callers
    private volatile long stuckSince = lastProgress - 1; // written by the watch: the last progress before starts hung

    /** Makes no thread yet but the watch. The table starts the others; {@code others} runs what they must not. */
    public SpawnThreads(SpawnTable table, Executor others, Bounds bounds) {
        this.table = table;
        this.others = others;
        this.bounds = bounds;
        backpressure = new SpawnBackpressure(bounds.ahead(), bounds.late());
        watch = Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false).name("spawn-watch")
                .start(this::watch);
    }

    /** Runs a task on one of the threads; the calling one parks. Unless this returns, the task is told to discard. */
    public <T> T run(SpawnTask<T> task) throws RefusedException, SpawnTask.TextBusyException, InterruptedException {
        SpawnJob<T> job = new SpawnJob<>(task, this::discarded);
        task.prepare();
        boolean awaited = false;
        try {
            waiting.add(job);
            queue.add(job);
            addThreadIfNeeded();
            if (!watching) {
                watching = true;
                LockSupport.unpark(watch);
            }
            awaited = true;
            return job.await();
        } finally {
            if (!awaited) {
                job.quit();
            }
            waiting.remove(job);
            if (job.state() == SpawnJob.State.DONE) {
                lastProgress = System.nanoTime(); // before a thread goes on that has paused for long
                backpressure.taken(job.readyNanos);
            } else if (job.state() == SpawnJob.State.WITHDRAWN) {
                queue.remove(job);
            }
        }
    }

    private void discarded() {
        lastProgress = System.nanoTime(); // as for one that is taken
        backpressure.discarded();
    }

    /** Whether no start has made progress since one was given up because none had for so long. Does not block. */
    public boolean startsHang() {
        return stuckSince == lastProgress;
    }

    /** Gives up what hangs; on a thread of its own, which sleeps while no start is under way. */
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
                resumed = now; // the whole JVM stood still: no start is to blame
            }
            try {
                if (!backpressure.isPausedWhileAhead()) {
                    waiting.forEach(job -> giveUpIfHopeless(job, now));
                    addThreadIfNeeded();
                }
            } catch (RuntimeException | Error e) {
                failure = e; // logged in the next round: there may be no memory for it now
            }
        }
    }

    private void giveUpIfHopeless(SpawnJob<?> job, long now) {
        if (job.state() == SpawnJob.State.QUEUED) {
            long progress = lastProgress;
            if (Math.min(now - resumed, Math.min(now - progress, now - job.queuedNanos))
                    > bounds.stuckAfter().toNanos()) {
                stuckSince = progress;
                job.giveUpQueued(new RefusedException(Refusal.NO_RESOURCES,
                        "the host cannot start another process now: the starts of others hang"));
            }
        } else if (Math.min(now - resumed, now - job.takenNanos) > bounds.startBound().toNanos()) {
            job.giveUpTaken(new RefusedException(Refusal.NO_RESOURCES,
                    "the program did not start within " + bounds.startBound().toSeconds() + " s"));
        }
    }

    private void addThreadIfNeeded() {
        int count = threads.get();
        boolean stuck = busy.get() >= count && !queue.isEmpty() && !backpressure.isPausedWhileAhead()
                && System.nanoTime() - lastProgress > SUSPICIOUS_NANOS;
        if ((count < bounds.usual() || stuck && count < bounds.most()) && threads.compareAndSet(count, count + 1)) {
            table.startThread("spawn-" + named.incrementAndGet(), this::serve, () -> {
                threads.decrementAndGet(); // the watch gives up starts that find no thread at all
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
            threads.decrementAndGet(); // another one takes its place; nothing may be logged here
        }
    }

    private void deliver(SpawnJob<?> job) {
        Runnable delivery = job.delivery();
        while (true) {
            try {
                others.execute(delivery);
                return;
            } catch (OutOfMemoryError e) {
                LockSupport.parkNanos(LOOK_AGAIN_NANOS); // and again: a caller waits, or it is to be discarded
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
                // unexpected; nothing may be logged here
            }
            int count = threads.get();
            if (count > bounds.usual() && threads.compareAndSet(count, count - 1)) {
                return null;
            }
        }
    }
}
