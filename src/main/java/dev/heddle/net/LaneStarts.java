package dev.heddle.net;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the threads of a protocol's lanes: a few at a time, where one that begins to run starts the next, and those
 * that are to start a program only when there is room for it. When thousands of clients ask for a command at once,
 * their lanes wait here and not in the scheduler's queue, where the threads of all other clients would wait behind
 * them. Safe for use by any threads.
 */
public final class LaneStarts {
    private static final Logger LOG = LoggerFactory.getLogger(LaneStarts.class);
    private static final int MOST = 2 * Runtime.getRuntime().availableProcessors();

    private final ThreadFactory threads;
    private final Predicate<Runnable> hasRoom;
    private final Queue<RequestWorker> programs = new ConcurrentLinkedQueue<>(); // lanes that are to start a program
    private final Queue<RequestWorker> others = new ConcurrentLinkedQueue<>();
    private final AtomicInteger starting = new AtomicInteger(); // threads that have been started and do not run yet
    private final AtomicBoolean asked = new AtomicBoolean(); // whether somebody asks just now, or roomAgain is to come

    /**
     * No lanes as yet.
     *
     * @param hasRoom whether there is room for another program; if not, it runs what it is given once there is
     */
    public LaneStarts(ThreadFactory threads, Predicate<Runnable> hasRoom) {
        this.threads = threads;
        this.hasRoom = hasRoom;
    }

    /** Starts the lane's thread, now or when it is its turn. */
    void add(RequestWorker lane, boolean startsProgram) {
        (startsProgram ? programs : others).add(lane);
        startAll();
    }

    /** Called first of all by each thread of a lane. */
    void begun() {
        starting.decrementAndGet();
        startAll();
    }

    private void startAll() {
        while (true) {
            Queue<RequestWorker> line = !others.isEmpty() ? others : !programs.isEmpty() && isRoom() ? programs : null;
            if (line == null || !mayStart()) {
                return; // who has the last word to say about it, says it later: see begun and roomAgain
            }
            startNext(line);
        }
    }

    private boolean isRoom() {
        if (!asked.compareAndSet(false, true)) {
            return false;
        }
        boolean waits = false;
        try {
            waits = !hasRoom.test(this::roomAgain);
            return !waits;
        } finally {
            if (!waits) {
                asked.set(false);
            }
        }
    }

    /** One for the one that has made room, even if others have taken that by now: they could go on so for ever. */
    private void roomAgain() {
        asked.set(false);
        boolean done = false;
        while (!done && !programs.isEmpty() && mayStart()) {
            done = startNext(programs); // false for one whose client has left meanwhile
        }
        startAll();
    }

    /** On a thread that may have nothing to do with this lane, and so must not suffer from it. */
    private boolean startNext(Queue<RequestWorker> line) {
        boolean started = false;
        try {
            RequestWorker lane = line.poll();
            started = lane != null && lane.start(threads);
        } catch (RuntimeException | Error e) {
            LOG.error("a client's commands are not executed; others go on", e);
        } finally {
            if (!started) {
                starting.decrementAndGet();
            }
        }
        return started;
    }

    private boolean mayStart() {
        // Never above, not even for a moment: who is refused relies on the next to begin, which must find room.
        return starting.getAndUpdate(count -> Math.min(count + 1, MOST)) < MOST;
    }
}
