package dev.heddle.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.memory.Page;
import dev.heddle.run.CommandRunner;
import dev.heddle.run.RunLimits;
import dev.heddle.testing.Await;
import dev.heddle.testing.Variant;
import dev.heddle.time.Cancellation;
import dev.heddle.time.Deadline;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever has waited for a job leaves nothing behind: clients ask as often as they like while it runs. */
class WaitingTest {
    private static final int WAITS = 200_000;
    /** Anything that is kept of each wait takes more. */
    private static final long MOST_BYTES = WAITS * 20L;

    private Jobs jobs;
    private Job job;

    @BeforeEach
    void start() throws Exception {
        Variant variant = Variant.VIRTUAL_NATIVE;
        CommandRunner runner = new CommandRunner(variant.engine(), variant.threads().factory(),
                RunLimits.defaults(), List.of());
        jobs = new Jobs(runner, variant.threads().factory(), JobLimits.DEFAULT);
        Command command = Command.of(Command.shell("echo hello; exec sleep 600".getBytes(StandardCharsets.US_ASCII),
                List.of()), Command.OutputRules.keeping(1024));
        job = jobs.start(new Caller("test", "somebody", "here", 1), command, Optional.empty(), OptionalInt.empty());
        Await.until("it has printed", () -> job.log().total() == 6);
    }

    @AfterEach
    void stop() throws Exception {
        jobs.cancelAll();
        assertThat(jobs.awaitIdle(Deadline.in(Duration.ofSeconds(30)))).isTrue();
    }

    private static long usedBytes() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void forItsEnd() throws Exception {
        long before = usedBytes();
        for (int i = 0; i < WAITS; i++) {
            assertThat(job.awaitEnd(Duration.ZERO, new Cancellation())).isEmpty();
        }
        assertThat(usedBytes() - before).isLessThan(MOST_BYTES);
    }

    @Test
    void forItsOutput() throws Exception {
        Cancellation subscription = new Cancellation();
        long before = usedBytes();
        for (int i = 0; i < WAITS; i++) {
            try (Page page = job.log().read(0, 6, Duration.ZERO, subscription, new MemoryBudget(1 << 20))) {
                assertThat(page.pieces()).hasSize(1);
            }
        }
        assertThat(usedBytes() - before).isLessThan(MOST_BYTES);
        assertThat(subscription.isCancelled()).isFalse(); // and so it was reachable all the time
    }
}
