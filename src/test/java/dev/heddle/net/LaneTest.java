package dev.heddle.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.testing.Await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When lanes get their threads, and what becomes of those that get none. */
@Timeout(60)
class LaneTest {
    private static final int STARTED_AT_A_TIME = 2 * Runtime.getRuntime().availableProcessors();

    /** Threads that have been started and begin when they are told. */
    private static final class SlowThreads implements ThreadFactory {
        private final Semaphore mayBegin = new Semaphore(0);
        private final AtomicInteger started = new AtomicInteger();

        @Override
        public Thread newThread(Runnable task) {
            return Thread.ofVirtual().unstarted(() -> {
                started.incrementAndGet();
                mayBegin.acquireUninterruptibly();
                task.run();
            });
        }
    }

    private static final class CountedTask implements RequestWorker.Task {
        private final boolean startsProgram;
        private final CountDownLatch run = new CountDownLatch(1);
        private final AtomicInteger dropped = new AtomicInteger();
        private final AtomicInteger cancelled = new AtomicInteger();

        CountedTask(boolean startsProgram) {
            this.startsProgram = startsProgram;
        }

        @Override
        public void run() {
            run.countDown();
        }

        @Override
        public void cancel() {
            cancelled.incrementAndGet();
        }

        @Override
        public void dropped() {
            dropped.incrementAndGet();
        }

        @Override
        public boolean startsProgram() {
            return startsProgram;
        }
    }

    private final Queue<Runnable> later = new ConcurrentLinkedQueue<>();

    /** There is room for one each time that the next of {@link #later} is run. */
    private LaneStarts withoutRoom(ThreadFactory threads) {
        return new LaneStarts(threads, action -> {
            later.add(action);
            return false;
        });
    }

    private static RequestWorker lane(LaneStarts starts, Runnable onBroken) {
        return new RequestWorker("lane", starts, () -> { }, onBroken);
    }

    private static RequestWorker lane(LaneStarts starts) {
        return lane(starts, () -> { });
    }

    @Test
    void aLaneWithoutAThreadIsBrokenAndItsTaskDroppedOnce() throws Exception {
        ThreadFactory none = task -> new Thread(task) {
            @Override
            public void start() {
                throw new OutOfMemoryError("unable to create native thread");
            }
        };
        AtomicInteger broken = new AtomicInteger();
        RequestWorker lane = lane(new LaneStarts(none, action -> true), broken::incrementAndGet);
        CountedTask task = new CountedTask(false);
        lane.submit(task);
        assertThat(task.dropped).hasValue(1);
        assertThat(broken).hasValue(1);
        assertThat(lane.isIdle()).isTrue();
        lane.close();
        lane.join();
        assertThat(task.dropped).hasValue(1);
        assertThat(broken).hasValue(1);
    }

    @Test
    void oneThatBeginsStartsTheNext() throws Exception {
        SlowThreads threads = new SlowThreads();
        LaneStarts starts = new LaneStarts(threads, action -> true);
        List<CountedTask> tasks = new ArrayList<>();
        for (int i = 0; i < 3 * STARTED_AT_A_TIME; i++) {
            CountedTask task = new CountedTask(i % 2 == 0);
            lane(starts).submit(task);
            tasks.add(task);
        }
        Await.until("the first are started", () -> threads.started.get() == STARTED_AT_A_TIME);
        for (int more = 1; more <= 2 * STARTED_AT_A_TIME; more++) {
            threads.mayBegin.release();
            int now = STARTED_AT_A_TIME + more;
            Await.until("the next is started", () -> threads.started.get() == now);
        }
        threads.mayBegin.release(STARTED_AT_A_TIME);
        for (CountedTask task : tasks) {
            task.run.await();
        }
    }

    @Test
    void aLaneThatFindsNoThreadDoesNotHoldUpTheNext() throws Exception {
        AtomicBoolean failed = new AtomicBoolean();
        ThreadFactory failsOnce = task -> new Thread(task) {
            @Override
            public void start() {
                if (failed.compareAndSet(false, true)) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
                super.start();
            }
        };
        LaneStarts starts = withoutRoom(failsOnce);
        CountedTask lost = new CountedTask(true);
        CountedTask next = new CountedTask(true);
        RequestWorker other = lane(starts);
        lane(starts, () -> {
            throw new IllegalStateException("to be logged");
        }).submit(lost);
        other.submit(next);
        later.remove().run(); // on this thread, which must not get the errors
        assertThat(lost.dropped).hasValue(1);
        next.run.await();
        assertThat(next.dropped).hasValue(0);
        other.close();
        other.join();
    }

    @Test
    void programsWaitForRoomAndOthersDoNot() throws Exception {
        LaneStarts starts = withoutRoom(Thread.ofVirtual().factory());
        CountedTask first = new CountedTask(true);
        CountedTask second = new CountedTask(true);
        CountedTask other = new CountedTask(false);
        RequestWorker gone = lane(starts);
        CountedTask left = new CountedTask(true);
        lane(starts).submit(first);
        gone.submit(left);
        lane(starts).submit(second);
        lane(starts).submit(other);
        other.run.await();
        assertThat(first.run.getCount()).isEqualTo(1);
        gone.abort();
        assertThat(left.dropped).hasValue(1);
        later.remove().run();
        first.run.await();
        assertThat(second.run.getCount()).as("one for each call").isEqualTo(1);
        later.remove().run(); // passes over the one that has left
        second.run.await();
        assertThat(left.run.getCount()).isEqualTo(1);
    }

    @Test
    void theFirstTaskIsCancelledBeforeItHasAThreadAndAnswersAllTheSame() throws Exception {
        LaneStarts starts = withoutRoom(Thread.ofVirtual().factory());
        CountedTask first = new CountedTask(true);
        CountedTask second = new CountedTask(true);
        RequestWorker lane = lane(starts);
        lane.submit(first);
        lane.submit(second);
        lane.cancel();
        assertThat(first.cancelled).hasValue(1);
        assertThat(first.dropped).hasValue(0);
        assertThat(second.dropped).hasValue(1);
        assertThat(lane.awaitIdle(Duration.ZERO)).isFalse();
        later.remove().run();
        first.run.await();
        lane.join();
        assertThat(lane.isIdle()).isTrue();
        CountedTask late = new CountedTask(true);
        lane.submit(late);
        assertThat(late.dropped).hasValue(1);
    }

    @Test
    void whoCannotSayWhetherThereIsRoomIsAskedAgain() throws Exception {
        AtomicBoolean failed = new AtomicBoolean();
        LaneStarts starts = new LaneStarts(Thread.ofVirtual().factory(), action -> {
            if (failed.compareAndSet(false, true)) {
                throw new OutOfMemoryError("Java heap space");
            }
            return true;
        });
        AtomicInteger broken = new AtomicInteger();
        CountedTask lost = new CountedTask(true);
        lane(starts, broken::incrementAndGet).submit(lost);
        assertThat(broken).hasValue(1);
        assertThat(lost.dropped).hasValue(1);
        CountedTask next = new CountedTask(true);
        lane(starts).submit(next);
        next.run.await();
    }
}
