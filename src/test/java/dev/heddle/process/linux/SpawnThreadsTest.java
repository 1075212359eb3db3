package dev.heddle.process.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.process.ChildProcess;
import dev.heddle.process.ProcessSpec;
import dev.heddle.process.StartException;
import dev.heddle.process.StartException.Reason;
import dev.heddle.testing.Await;
import dev.heddle.testing.Children;
import dev.heddle.testing.Children.Running;
import dev.heddle.testing.Variant;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Starts that hang before the exec, as on a dead mount: here they wait for a latch. */
@ParameterizedClass
@EnumSource(value = Variant.class, names = ".*_NATIVE", mode = EnumSource.Mode.MATCH_ANY)
class SpawnThreadsTest {
    private static final ProcessSpec HANGING = Children.spec("sleep", "600");
    private static final ProcessSpec QUICK = Children.spec("true");

    @Parameter
    private Variant variant;

    private final CountDownLatch mount = new CountDownLatch(1);
    private final AtomicInteger hanging = new AtomicInteger();
    private final List<ChildProcess> late = new ArrayList<>(); // yielded by hanging starts

    @AfterEach
    void letAllGo() {
        mount.countDown();
    }

    private SpawnThreads threads(int most, Duration stuckAfter, Duration startBound) {
        return new SpawnThreads(this::start, new SpawnThreads.Bounds(2, most, stuckAfter, startBound));
    }

    private ChildProcess start(ProcessSpec spec) throws StartException {
        try {
            if (spec != HANGING) {
                return variant.engine().start(spec);
            }
            hanging.incrementAndGet();
            mount.await();
            ChildProcess child = variant.engine().start(spec);
            synchronized (late) {
                late.add(child);
            }
            return child;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void startsThatHangDoNotHoldOthers() throws Exception {
        SpawnThreads threads = threads(16, Duration.ofSeconds(20), Duration.ofSeconds(20));
        Children children = new Children(variant);
        List<Running<Object>> stuck = new ArrayList<>();
        for (int i = 1; i <= 8; i++) {
            stuck.add(children.fork(() -> {
                threads.start(HANGING).close();
                return null;
            }));
            int now = i;
            Await.until("it hangs", () -> hanging.get() == now);
            long start = System.nanoTime();
            threads.start(QUICK).close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        }
        mount.countDown();
        for (Running<Object> each : stuck) {
            each.get();
        }
    }

    @Test
    void whenAllHangAStartFailsInTime() throws Exception {
        SpawnThreads threads = threads(3, Duration.ofMillis(300), Duration.ofSeconds(60));
        Children children = new Children(variant);
        List<Running<ChildProcess>> stuck = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            stuck.add(children.fork(() -> threads.start(HANGING)));
        }
        Await.until("all hang", () -> hanging.get() == 3);
        assertThatThrownBy(() -> threads.start(QUICK)).isInstanceOfSatisfying(StartException.class,
                e -> assertThat(e.reason()).isEqualTo(Reason.NO_RESOURCES))
                .hasMessageContaining("the starts of others hang");
        mount.countDown();
        for (Running<ChildProcess> each : stuck) {
            each.get().close();
        }
        threads.start(QUICK).close();
    }

    @Test
    void aStartThatTakesTooLongFailsAndWhatItYieldsLaterIsEnded() throws Exception {
        SpawnThreads threads = threads(3, Duration.ofSeconds(60), Duration.ofMillis(300));
        assertThatThrownBy(() -> threads.start(HANGING)).isInstanceOf(StartException.class)
                .hasMessageContaining("did not start within");
        mount.countDown();
        awaitLateChildIsKilled();
    }

    @Test
    void anInterruptEndsTheWaitAndWhatTheStartYieldsLater() throws Exception {
        SpawnThreads threads = threads(3, Duration.ofSeconds(60), Duration.ofSeconds(60));
        Running<ChildProcess> start = new Children(variant).fork(() -> threads.start(HANGING));
        Await.until("it hangs", () -> hanging.get() == 1);
        start.thread().interrupt();
        assertThatThrownBy(start::get).hasCauseInstanceOf(InterruptedException.class);
        mount.countDown();
        awaitLateChildIsKilled();
    }

    private void awaitLateChildIsKilled() throws Exception {
        Await.until("the late child was started and killed", () -> {
            synchronized (late) {
                return late.size() == 1 && late.getFirst().exit().isDone()
                        && ProcessHandle.of(late.getFirst().pid()).isEmpty();
            }
        });
    }
}
