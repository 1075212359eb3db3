package dev.heddle.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

class AwakeClockTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long STEP = AwakeClock.LONGEST_STEP.toNanos();
    private static final long SETTLING = AwakeClock.SETTLING.toNanos();

    private final AtomicLong source = new AtomicLong(Long.MAX_VALUE - SECOND); // which overflows soon
    private final AwakeClock clock = new AwakeClock(source::get);
    private final long start = clock.nanoTime();

    private long shown() {
        return clock.nanoTime() - start;
    }

    /** While everything goes well: in steps, as the JVM's clock ticks. */
    private void run(Duration time) {
        long left = time.toNanos();
        while (left > 0) {
            long step = Math.min(left, STEP / 3);
            source.addAndGet(step);
            clock.tick();
            left -= step;
        }
    }

    /** As when the JVM is stopped: no tick. */
    private void pause(Duration time) {
        source.addAndGet(time.toNanos());
    }

    @Test
    void itGoesAsItsSourceDoes() {
        run(Duration.ofSeconds(3));
        source.addAndGet(10);
        assertThat(shown()).isEqualTo(3 * SECOND + 10);
        assertThat(clock.settling()).isZero();
    }

    @Test
    void aPauseDoesNotCountWhoeverLooksFirst() {
        run(Duration.ofSeconds(1));
        pause(Duration.ofHours(1));
        assertThat(shown()).as("before the next tick").isEqualTo(SECOND + STEP);
        assertThat(clock.settling()).isEqualTo(SETTLING);
        clock.tick();
        assertThat(shown()).as("after it").isEqualTo(SECOND + STEP);
        assertThat(clock.settling()).isEqualTo(SETTLING);
        run(Duration.ofNanos(SETTLING));
        assertThat(shown()).isEqualTo(SECOND + STEP + SETTLING);
        assertThat(clock.settling()).isZero();
    }

    @Test
    void aDeadlineIsOverAfterItsTime() {
        Deadline deadline = Deadline.in(Duration.ofSeconds(2), clock);
        run(Duration.ofSeconds(1));
        assertThat(deadline.left()).isEqualTo(SECOND);
        run(Duration.ofSeconds(1));
        assertThat(deadline.left()).isZero();
    }

    @Test
    void aDeadlineDoesNotCountAPause() {
        Deadline deadline = Deadline.in(Duration.ofSeconds(2), clock);
        run(Duration.ofSeconds(1));
        pause(Duration.ofMinutes(5));
        assertThat(deadline.left()).isEqualTo(SECOND - STEP);
    }

    /** What came during the pause would be beaten by a limit that was nearly reached before. */
    @Test
    void aDeadlineThatAPauseMakesOverIsPutOffOnce() {
        Deadline deadline = Deadline.in(Duration.ofSeconds(1), clock);
        run(Duration.ofMillis(990));
        pause(Duration.ofMinutes(5));
        assertThat(deadline.left()).isEqualTo(SETTLING);
        clock.tick();
        run(Duration.ofNanos(SETTLING / 2));
        assertThat(deadline.left()).isEqualTo(SETTLING / 2);
        pause(Duration.ofMinutes(5)); // a host without a free processor must not put it off for ever
        assertThat(deadline.left()).isPositive();
        clock.tick();
        run(Duration.ofNanos(SETTLING / 2));
        assertThat(deadline.left()).isNotPositive();
    }

    /** Who asks for no wait at all gets none. */
    @Test
    void noTimeIsNeverPutOff() {
        Deadline deadline = Deadline.in(Duration.ZERO, clock);
        pause(Duration.ofMinutes(5));
        assertThat(deadline.left()).isNotPositive();
    }

    @Test
    void timeMayBeLongerThanNanosecondsCanCount() {
        Deadline deadline = Deadline.in(Duration.ofHours(999_999_999), clock);
        run(Duration.ofSeconds(1));
        assertThat(deadline.left()).isGreaterThan(Duration.ofDays(365).toNanos());
    }

    @Test
    void whatIsThereIsTakenThoughTheTimeIsUp() throws Exception {
        Deadline over = Deadline.in(Duration.ZERO, clock);
        assertThat(over.await(CompletableFuture.completedFuture("it"))).isTrue();
        assertThat(over.await(new CompletableFuture<>())).isFalse();
        assertThat(over.await(new CountDownLatch(0))).isTrue();
        assertThat(over.await(new CountDownLatch(1))).isFalse();
        assertThat(over.acquire(new Semaphore(2), 2)).isTrue();
        assertThat(over.acquire(new Semaphore(1), 2)).isFalse();
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        assertThat(over.poll(queue)).isNull();
        queue.add("it");
        assertThat(over.poll(queue)).isEqualTo("it");
    }

    @Test
    void theJvmsOwnClockTicks() throws Exception {
        long before = AwakeClock.system().nanoTime();
        Deadline.in(Duration.ofMillis(2 * AwakeClock.LONGEST_STEP.toMillis())).sleep();
        assertThat(AwakeClock.system().nanoTime() - before).as("it would stop without ticks").isGreaterThan(STEP);
    }
}
