package dev.heddle.process.linux.pipe;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.FileCalls;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for all pipes and all children at once, with one epoll instance and one platform thread that blocks in it, for
 * as long as the JVM lives. Events are asked for one at a time (EPOLLONESHOT). Each carries a token that is never used
 * twice, so that a late event of a closed descriptor is dropped, even if its number is in use again.
 *
 * <p><b>Threading:</b> safe for all threads, but for what says that it runs on the poller's thread.
 */
public final class Poller implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(Poller.class);
    private static final int MAX_EVENTS = 512;
    /** The end of a process follows that of its pipes after some ten microseconds, on a busy host later. */
    private static final int EXIT_FOLLOWS_MILLIS = 1;
    private static final long EXIT_FOLLOWS_NANOS = EXIT_FOLLOWS_MILLIS * 1_000_000L;

    /** Takes what epoll has seen, see {@code epoll_ctl(2)}; on the poller's thread, so it must not block. */
    public interface Watcher {
        void ready(int events);
    }

    private static final long BELL = 0; // the bell's token
    private static final MemorySegment ONE = Arena.global().allocate(JAVA_LONG);

    static {
        ONE.set(JAVA_LONG, 0, 1);
    }

    private final int epoll;
    private final int bell; // an event counter that wakes the poller; never closed
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean rung = new AtomicBoolean(); // set by the thread that adds a task, cleared by the poller
    private final Map<Long, Watcher> watchers = new ConcurrentHashMap<>();
    private final AtomicLong lastToken = new AtomicLong();
    private final Set<PipeEnd> postponed = new LinkedHashSet<>(); // used on the poller's thread only
    private long postponedSinceNanos; // used on the poller's thread only; when the oldest was postponed

    private Poller(int epoll, int bell) {
        this.epoll = epoll;
        this.bell = bell;
    }

    public static Poller start() throws IOException {
        Poller poller;
        try (Buffer buffer = Buffer.borrow()) {
            int epoll = FileCalls.check("epoll_create1", FileCalls.epollCreate(buffer));
            poller = new Poller(epoll, FileCalls.check("eventfd", FileCalls.eventCounter(buffer)));
            poller.control(Abi.EPOLL_CTL_ADD, poller.bell, BELL, Abi.EPOLLIN | Abi.EPOLLET, buffer);
        }
        Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false).name("process-poller").start(poller::run);
        return poller;
    }

    /** The descriptor that {@link #execute} writes to. */
    public int bell() {
        return bell;
    }

    /** Runs a task on the poller's thread, soon; the task must not block. Spawn threads may call this. */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (rung.compareAndSet(false, true)) {
            FileCalls.writePlain(bell, ONE); // never read; fails only after 2^64 times
        }
    }

    private void runTasks() {
        if (rung.get()) {
            rung.set(false); // before looking: a thread that adds a task from now on rings again
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                try {
                    task.run();
                } catch (RuntimeException | Error e) {
                    LOG.error("a task failed; all others go on", e);
                }
            }
        }
    }

    /** Makes a watcher known and returns its token, by which the caller removes it in the end. */
    public long add(Watcher watcher) {
        long token = lastToken.incrementAndGet();
        watchers.put(token, watcher);
        return token;
    }

    public void remove(long token) {
        watchers.remove(token);
    }

    /** Asks for the next event of a descriptor that stays open meanwhile; {@code known} if it was armed before. */
    public void arm(int fd, long token, int events, boolean known, Buffer buffer) throws IOException {
        control(known ? Abi.EPOLL_CTL_MOD : Abi.EPOLL_CTL_ADD, fd, token, events | Abi.EPOLLONESHOT, buffer);
    }

    private void control(int operation, int fd, long token, int events, Buffer buffer) throws IOException {
        buffer.memory.set(JAVA_INT, 0, events);
        buffer.memory.set(JAVA_LONG_UNALIGNED, Abi.EPOLL_DATA_OFFSET, token);
        FileCalls.check("epoll_ctl", FileCalls.epollControl(epoll, operation, fd, buffer));
    }

    private void run() {
        Buffer buffer = Buffer.borrow(); // for good
        int maxEvents = (int) Math.min(MAX_EVENTS, buffer.size() / Abi.EPOLL_EVENT_BYTES);
        while (true) {
            int count = FileCalls.epollWait(epoll, maxEvents, postponed.isEmpty() ? -1 : EXIT_FOLLOWS_MILLIS, buffer);
            for (int i = 0; i < count; i++) {
                long offset = i * Abi.EPOLL_EVENT_BYTES;
                tell(buffer.memory.get(JAVA_LONG_UNALIGNED, offset + Abi.EPOLL_DATA_OFFSET),
                        buffer.memory.get(JAVA_INT_UNALIGNED, offset));
            }
            runTasks();
            wakeOverdue();
            if (count < 0 && count != -Abi.EINTR) {
                throw new IllegalStateException("epoll_wait fails with errno " + -count);
            }
        }
    }

    /**
     * Puts off to wake the reader of a pipe that has ended, most likely because its process is about to end: woken one
     * by one, its readers and the waiter for the exit would cost three context switches. On the poller's thread.
     */
    void postpone(PipeEnd end) {
        if (postponed.isEmpty()) {
            postponedSinceNanos = System.nanoTime();
        }
        postponed.add(end);
    }

    /** Ends the postponement of a reader; returns whether there was one. On the poller's thread. */
    boolean isDue(PipeEnd end) {
        return postponed.remove(end);
    }

    private void wakeOverdue() {
        if (!postponed.isEmpty() && System.nanoTime() - postponedSinceNanos > EXIT_FOLLOWS_NANOS) {
            postponed.forEach(PipeEnd::wake);
            postponed.clear();
        }
    }

    private void tell(long token, int events) {
        Watcher watcher = watchers.get(token);
        if (watcher == null) {
            return; // closed meanwhile
        }
        try {
            watcher.ready(events);
        } catch (RuntimeException | Error e) {
            LOG.error("a watcher failed; all others go on", e);
        }
    }
}
