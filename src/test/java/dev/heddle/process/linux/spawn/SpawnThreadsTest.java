package dev.heddle.process.linux.spawn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.testing.Await;
import dev.heddle.testing.Children;
import dev.heddle.testing.Children.Running;
import dev.heddle.testing.Variant;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Starts that hang before the exec, as on a dead mount: here they wait for a latch. */
@ParameterizedClass
@EnumSource(value = Variant.class, names = ".*_NATIVE", mode = EnumSource.Mode.MATCH_ANY)
class SpawnThreadsTest {
    private static final int STARTS = 8;
    private static final Duration LATE = Duration.ofMillis(5);

    @Parameter
    private Variant variant;

    private final CountDownLatch mount = new CountDownLatch(1);
    private final AtomicInteger hanging = new AtomicInteger();

    @AfterEach
    void letAllGo() {
        mount.countDown();
    }

    private static SpawnThreads threads(int most, Duration stuckAfter, Duration startBound) {
        return new SpawnThreads(new SharedDescriptorTable(), Runnable::run,
                new SpawnThreads.Bounds(2, most, 2, LATE, stuckAfter, startBound));
    }

    /** Counts what becomes of it. */
    private class Quick implements SpawnTask<String> {
        final AtomicInteger prepared = new AtomicInteger();
        final AtomicInteger discarded = new AtomicInteger();
        volatile String lost;

        @Override
        public void prepare() {
            prepared.incrementAndGet();
        }

        @Override
        public String run() throws RefusedException {
            return "born";
        }

        @Override
        public void discard(String result) {
            lost = result;
            discarded.incrementAndGet();
        }
    }

    private void awaitMount() {
        try {
            mount.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private class Hanging extends Quick {
        @Override
        public String run() {
            hanging.incrementAndGet();
            awaitMount();
            return "born late";
        }
    }

    @Test
    void startsThatHangDoNotHoldOthers() throws Exception {
        SpawnThreads threads = threads(16, Duration.ofSeconds(20), Duration.ofSeconds(20));
        Children children = new Children(variant);
        List<Running<String>> stuck = new ArrayList<>();
        for (int i = 1; i < STARTS; i++) {
            stuck.add(children.fork(() -> threads.run(new Hanging())));
            int now = i;
            Await.until("it hangs", () -> hanging.get() == now);
            long start = System.nanoTime();
            assertThat(threads.run(new Quick())).isEqualTo("born");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        }
        mount.countDown();
        for (Running<String> each : stuck) {
            assertThat(each.get()).isEqualTo("born late");
        }
    }

    @Test
    void whenAllHangAStartFailsInTime() throws Exception {
        SpawnThreads threads = threads(3, Duration.ofMillis(300), Duration.ofSeconds(60));
        Children children = new Children(variant);
        List<Running<String>> stuck = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            stuck.add(children.fork(() -> threads.run(new Hanging())));
        }
        Await.until("all hang", () -> hanging.get() == 3);
        Quick late = new Quick();
        assertThatItIsStuck(threads, late);
        assertThat(late.discarded).hasValue(1);
        assertThat(late.lost).isNull();
        assertThat(threads.startsHang()).isTrue();
        mount.countDown();
        for (Running<String> each : stuck) {
            each.get();
        }
        assertThat(threads.startsHang()).isFalse();
        assertThat(threads.run(new Quick())).isEqualTo("born");
    }

    @Test
    void startsHangOnlyIfOneThatWaitsFindsNoThread() throws Exception {
        SpawnThreads threads = threads(3, Duration.ofMillis(100), Duration.ofSeconds(60));
        assertThat(threads.startsHang()).isFalse();
        Running<String> one = new Children(variant).fork(() -> threads.run(new Hanging()));
        Await.until("it hangs", () -> hanging.get() == 1);
        Thread.sleep(1_000); // the watch has looked a few times
        assertThat(threads.startsHang()).as("two threads are free").isFalse();
        mount.countDown();
        one.get();
        Thread.sleep(500);
        assertThat(threads.startsHang()).as("nothing is to be started").isFalse();
    }

    private static void assertThatItIsStuck(SpawnThreads threads, SpawnTask<String> task) {
        assertThatThrownBy(() -> threads.run(task)).isInstanceOfSatisfying(RefusedException.class,
                e -> assertThat(e.reason()).isEqualTo(Refusal.NO_RESOURCES))
                .hasMessageContaining("the starts of others hang");
    }

    @Test
    void startsPauseForAsLongAsTheLastResultWasLate() throws Exception {
        BlockingQueue<Runnable> deliveries = new LinkedBlockingQueue<>();
        SpawnThreads threads = new SpawnThreads(new SharedDescriptorTable(), deliveries::add, new SpawnThreads.Bounds(
                1, 1, 2, LATE, Duration.ofSeconds(60), Duration.ofSeconds(60)));
        Children children = new Children(variant);
        Running<String> first = children.fork(() -> threads.run(new Quick()));
        Runnable delivery = deliveries.poll(10, TimeUnit.SECONDS);
        long ready = System.nanoTime();
        Await.until("the result is late", () -> System.nanoTime() - ready >= Duration.ofMillis(60).toNanos());
        delivery.run();
        first.get();
        AtomicLong started = new AtomicLong();
        Running<String> second = children.fork(() -> threads.run(new Quick() {
            @Override
            public String run() {
                started.set(System.nanoTime());
                return "born";
            }
        }));
        deliveries.poll(10, TimeUnit.SECONDS).run();
        second.get();
        assertThat(Duration.ofNanos(started.get() - ready)).isGreaterThanOrEqualTo(Duration.ofMillis(120));
    }

    @Test
    void aStartThatTakesTooLongFailsAndWhatItYieldsLaterIsDiscarded() throws Exception {
        SpawnThreads threads = threads(3, Duration.ofSeconds(60), Duration.ofMillis(300));
        Hanging task = new Hanging();
        assertThatThrownBy(() -> threads.run(task)).isInstanceOf(RefusedException.class)
                .hasMessageContaining("did not start within");
        assertThat(task.discarded).hasValue(0);
        mount.countDown();
        awaitDiscarded(task);
    }

    @Test
    void anInterruptEndsTheWaitAndWhatTheStartYieldsLater() throws Exception {
        SpawnThreads threads = threads(3, Duration.ofSeconds(60), Duration.ofSeconds(60));
        Hanging task = new Hanging();
        Running<String> start = new Children(variant).fork(() -> threads.run(task));
        Await.until("it hangs", () -> hanging.get() == 1);
        start.thread().interrupt();
        assertThatThrownBy(start::get).hasCauseInstanceOf(InterruptedException.class);
        assertThat(task.discarded).hasValue(0);
        mount.countDown();
        awaitDiscarded(task);
    }

    private static void awaitDiscarded(Quick task) throws Exception {
        Await.until("what came late is discarded", () -> task.discarded.get() == 1);
        assertThat(task.lost).isEqualTo("born late");
    }

    @Test
    void anInterruptBeforeItsTurnDiscardsWhatWasPrepared() throws Exception {
        SpawnThreads threads = threads(2, Duration.ofSeconds(60), Duration.ofSeconds(60));
        Children children = new Children(variant);
        children.fork(() -> threads.run(new Hanging()));
        children.fork(() -> threads.run(new Hanging()));
        Await.until("all hang", () -> hanging.get() == 2);
        Quick task = new Quick();
        Running<String> start = children.fork(() -> threads.run(task));
        Await.until("it waits", () -> task.prepared.get() == 1);
        start.thread().interrupt();
        assertThatThrownBy(start::get).hasCauseInstanceOf(InterruptedException.class);
        assertThat(task.discarded).hasValue(1);
    }

    @Test
    void aFailureIsTheCallersAndLeavesNothing() {
        Quick failing = new Quick() {
            @Override
            public String run() throws RefusedException {
                throw new RefusedException(Refusal.PROGRAM_NOT_FOUND, "gone");
            }
        };
        SpawnThreads threads = threads(2, Duration.ofSeconds(60), Duration.ofSeconds(60));
        assertThatThrownBy(() -> threads.run(failing)).isInstanceOf(RefusedException.class).hasMessage("gone");
        assertThat(failing.discarded).hasValue(1);
    }
}
