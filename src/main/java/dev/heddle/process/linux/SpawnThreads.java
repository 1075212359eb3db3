package dev.heddle.process.linux;

import dev.heddle.process.ChildProcess;
import dev.heddle.process.ProcessSpec;
import dev.heddle.process.StartException;
import dev.heddle.process.StartException.Reason;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A few platform threads that start programs for everybody: {@code posix_spawn(3)} holds its caller until the
 * exec, which takes for ever on a dead mount, and a virtual thread would hold a carrier meanwhile. A start
 * that hangs costs one of these threads; others take its place, up to a bound. Safe for use by any threads;
 * lives as long as the JVM.
 */
final class SpawnThreads {
    /** Starts a program, or does not; may block. */
    interface Starter {
        ChildProcess start(ProcessSpec spec) throws StartException, Spawner.TextBusyException;
    }

    /**
     * How many threads there are, and when a start is given up.
     *
     * @param usual      threads that are always kept: one more than processors measured best
     * @param most       threads when starts hang
     * @param stuckAfter how long a start waits for a thread while no other start makes progress
     * @param startBound how long a start may take
     */
    record Bounds(int usual, int most, Duration stuckAfter, Duration startBound) {
        static final Bounds DEFAULT = new Bounds(Runtime.getRuntime().availableProcessors() + 1, 16,
                Duration.ofSeconds(5), Duration.ofSeconds(30));
    }

    private static final Logger LOG = LoggerFactory.getLogger(SpawnThreads.class);
    /** A start takes about a millisecond. When none has for so long, those under way may hang. */
    private static final long SUSPICIOUS_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long SURPLUS_IDLE_SECONDS = 5;

    private final Starter starter;
    private final Bounds bounds;
    private final BlockingQueue<Job> queue = new LinkedBlockingQueue<>();
    private final Set<Job> waiting = ConcurrentHashMap.newKeySet(); // starts whose callers wait
    private final Thread watch;
    private volatile boolean watching; // written by starters, to true, and by the watch
    private final AtomicInteger threads = new AtomicInteger();
    private final AtomicInteger idle = new AtomicInteger(); // of them, those that wait for work
    private final AtomicInteger named = new AtomicInteger();
    private volatile long lastProgress = System.nanoTime(); // written by the spawn threads

    SpawnThreads(Starter starter, Bounds bounds) {
        this.starter = starter;
        this.bounds = bounds;
        watch = Thread.ofPlatform().daemon().name("spawn-watch").start(this::watch);
    }

    private enum State { QUEUED, TAKEN, DONE, ABANDONED }

    /** One start, between the thread that asked for it and the spawn thread that takes it. */
    private static final class Job {
        final ProcessSpec spec;
        final Thread caller = Thread.currentThread();
        final long queuedNanos = System.nanoTime();
        final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);
        volatile long takenNanos; // written by the spawn thread
        ChildProcess child; // written by the spawn thread before DONE, read by the caller after it
        Throwable failure; // the same
        volatile StartException givenUp; // written by the watch, after it has abandoned the start

        Job(ProcessSpec spec) {
            this.spec = spec;
        }

        /** Whether the caller need not wait any longer. */
        boolean isOver() {
            return givenUp != null || state.get() == State.DONE;
        }

        /** Nobody waits any more. Returns false when this comes too late: the start is done. */
        boolean abandon() {
            return state.compareAndSet(State.QUEUED, State.ABANDONED)
                    || state.compareAndSet(State.TAKEN, State.ABANDONED);
        }
    }

    /** Starts a program on one of the threads, while the calling one parks. */
    ChildProcess start(ProcessSpec spec)
            throws StartException, Spawner.TextBusyException, InterruptedException {
        Job job = new Job(spec);
        waiting.add(job);
        try {
            queue.add(job);
            addThreadIfNeeded();
            watchFromNowOn();
            await(job);
        } finally {
            waiting.remove(job);
        }
        if (job.givenUp != null) {
            throw job.givenUp;
        }
        return switch (job.failure) {
            case null -> job.child;
            case StartException e -> throw e;
            case Spawner.TextBusyException e -> throw e;
            default -> throw new IllegalStateException("a program could not be started", job.failure);
        };
    }

    /** Parks without a time limit, which costs less; the watch ends what takes too long. */
    private void await(Job job) throws InterruptedException {
        while (!job.isOver()) {
            if (Thread.interrupted()) {
                leave(job);
                throw new InterruptedException();
            }
            LockSupport.park(this);
        }
    }

    /** Whatever the start yields, now or later, nothing of it stays. */
    private void leave(Job job) {
        if (job.abandon()) {
            queue.remove(job);
        } else if (job.child != null) {
            job.child.close();
        }
    }

    private void watchFromNowOn() {
        if (!watching) {
            watching = true;
            LockSupport.unpark(watch);
        }
    }

    /** On a thread of its own, which sleeps while no start is under way. */
    private void watch() {
        while (true) {
            if (waiting.isEmpty()) {
                watching = false;
                if (waiting.isEmpty()) {
                    LockSupport.park(this);
                }
                watching = true;
            }
            LockSupport.parkNanos(this, LOOK_AGAIN_NANOS);
            waiting.forEach(this::giveUpIfHopeless);
            addThreadIfNeeded();
        }
    }

    private void giveUpIfHopeless(Job job) {
        long now = System.nanoTime();
        String reason = null;
        if (job.state.get() == State.QUEUED) {
            if (Math.min(now - lastProgress, now - job.queuedNanos) > bounds.stuckAfter().toNanos()) {
                reason = "the host cannot start another process now: the starts of others hang";
            }
        } else if (now - job.takenNanos > bounds.startBound().toNanos()) {
            reason = "the program did not start within " + bounds.startBound().toSeconds() + " s";
        }
        if (reason != null && job.abandon()) {
            job.givenUp = new StartException(Reason.NO_RESOURCES, reason);
            queue.remove(job);
            LockSupport.unpark(job.caller);
        }
    }

    private void addThreadIfNeeded() {
        int count = threads.get();
        boolean stuck = idle.get() == 0 && !queue.isEmpty()
                && System.nanoTime() - lastProgress > SUSPICIOUS_NANOS;
        if ((count < bounds.usual() || stuck && count < bounds.most())
                && threads.compareAndSet(count, count + 1)) {
            try {
                Thread.ofPlatform().daemon().name("spawn-" + named.incrementAndGet()).start(this::serve);
            } catch (OutOfMemoryError e) {
                threads.decrementAndGet(); // starts that find no thread at all give up after their bound
                LOG.warn("no thread left to start programs on: {}", e.getMessage());
            }
        }
    }

    private void serve() {
        Job job = next();
        while (job != null) {
            job.takenNanos = System.nanoTime(); // before the watch can see that it is taken
            if (job.state.compareAndSet(State.QUEUED, State.TAKEN)) {
                run(job);
            }
            job = next();
        }
    }

    /** The next start, or null when this thread is one too many. */
    private Job next() {
        while (true) {
            idle.incrementAndGet();
            Job job = null;
            try {
                job = queue.poll(SURPLUS_IDLE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                LOG.warn("a spawn thread was interrupted, for no reason known here");
            } finally {
                idle.decrementAndGet();
            }
            if (job != null) {
                return job;
            }
            int count = threads.get();
            if (count > bounds.usual() && threads.compareAndSet(count, count - 1)) {
                return null;
            }
        }
    }

    private void run(Job job) {
        lastProgress = job.takenNanos;
        try {
            job.child = starter.start(job.spec);
        } catch (Throwable e) {
            job.failure = e;
        }
        lastProgress = System.nanoTime();
        if (job.state.compareAndSet(State.TAKEN, State.DONE)) {
            LockSupport.unpark(job.caller);
        } else if (job.child != null) {
            job.child.close(); // nobody waits for it any more
        }
    }
}
