package dev.heddle.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When workers get their threads, and what becomes of those that get none. */
@Timeout(60)
class RequestWorkerTest {
    private static final ThreadFactory THREADS = Thread.ofVirtual().factory();
    private static final ThreadFactory NONE = task -> new Thread(task) {
        @Override
        public void start() {
            throw new OutOfMemoryError("unable to create native thread");
        }
    };

    private static class CountedTask implements RequestWorker.Task {
        final CountDownLatch run = new CountDownLatch(1);
        final AtomicInteger dropped = new AtomicInteger();
        final AtomicInteger cancelled = new AtomicInteger();

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
    }

    /** A task that is ready for a thread when the test says so. */
    private static final class WaitingTask extends CountedTask {
        private Runnable start;

        @Override
        public void whenReady(Runnable newStart) {
            start = newStart;
        }
    }

    private final AtomicInteger broken = new AtomicInteger();
    private final AtomicInteger started = new AtomicInteger();

    private RequestWorker worker(ThreadFactory threads) {
        return new RequestWorker("worker", task -> {
            started.incrementAndGet();
            return threads.newThread(task);
        }, () -> { }, broken::incrementAndGet);
    }

    @Test
    void aWorkerWithoutAThreadIsBrokenAndItsTaskDroppedOnce() throws Exception {
        RequestWorker worker = worker(NONE);
        CountedTask task = new CountedTask();
        worker.submit(task);
        assertThat(task.dropped).hasValue(1);
        assertThat(broken).hasValue(1);
        assertThat(worker.isIdle()).isTrue();
        worker.close();
        worker.join();
        assertThat(task.dropped).hasValue(1);
        assertThat(broken).hasValue(1);
    }

    @Test
    void theThreadIsMadeWhenTheFirstTaskIsReady() throws Exception {
        RequestWorker worker = worker(THREADS);
        WaitingTask first = new WaitingTask();
        WaitingTask second = new WaitingTask();
        worker.submit(first);
        worker.submit(second);
        assertThat(started).hasValue(0);
        assertThat(worker.isIdle()).isFalse();
        first.start.run();
        first.start.run();
        second.run.await();
        assertThat(second.start).as("finds a thread").isNull();
        assertThat(started).hasValue(1);
        worker.close();
        worker.join();
    }

    /** The thread that says so may belong to another client, or to all of them. */
    @Test
    void aThreadThatCannotBeStartedIsNoErrorOfTheOneWhoSaysThatTheTaskIsReady() throws Exception {
        RequestWorker worker = new RequestWorker("worker", NONE, () -> { }, () -> {
            throw new IllegalStateException("to be logged");
        });
        WaitingTask task = new WaitingTask();
        worker.submit(task);
        task.start.run();
        assertThat(task.dropped).hasValue(1);
    }

    @Test
    void aTaskThatIsDroppedBeforeItIsReadyGetsNoThread() throws Exception {
        RequestWorker worker = worker(THREADS);
        WaitingTask task = new WaitingTask();
        worker.submit(task);
        worker.abort();
        assertThat(task.dropped).hasValue(1);
        assertThat(task.cancelled).hasValue(0);
        task.start.run();
        worker.join();
        assertThat(started).hasValue(0);
        assertThat(broken).hasValue(0);
    }

    @Test
    void theFirstTaskIsCancelledBeforeItHasAThreadAndAnswersAllTheSame() throws Exception {
        RequestWorker worker = worker(THREADS);
        WaitingTask first = new WaitingTask();
        CountedTask second = new CountedTask();
        worker.submit(first);
        worker.submit(second);
        worker.cancel();
        assertThat(first.cancelled).hasValue(1);
        assertThat(first.dropped).hasValue(0);
        assertThat(second.dropped).hasValue(1);
        first.run.await();
        worker.join();
        assertThat(worker.isIdle()).isTrue();
        CountedTask late = new CountedTask();
        worker.submit(late);
        assertThat(late.dropped).hasValue(1);
    }

    @Test
    void aTaskThatCannotSayWhenItIsReadyBreaksItsWorkerOnly() throws Exception {
        CountedTask lost = new CountedTask() {
            @Override
            public void whenReady(Runnable start) {
                throw new OutOfMemoryError("Java heap space");
            }
        };
        worker(THREADS).submit(lost);
        assertThat(broken).hasValue(1);
        assertThat(lost.dropped).hasValue(1);
    }
}
