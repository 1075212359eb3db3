package dev.heddle.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.Outcome;
import dev.heddle.command.RefusedException;
import dev.heddle.memory.CommandResult;
import dev.heddle.run.CommandRunner;
import dev.heddle.run.RunLimits;
import dev.heddle.testing.Variant;
import dev.heddle.time.Cancellation;
import dev.heddle.time.Deadline;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long IDs are remembered, by a clock of the test's own. */
class IdMemoryTest {
    private static final int BUDGET_BYTES = 4096;
    private static final List<byte[]> TRUE = List.of("true".getBytes(StandardCharsets.US_ASCII));

    private final AtomicLong nanos = new AtomicLong();
    private final Variant variant = Variant.VIRTUAL_NATIVE;
    private final CommandRunner runner = new CommandRunner(variant.engine(), variant.threads().factory(),
            RunLimits.defaults().withBudgetBytes(BUDGET_BYTES), List.of());

    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    private Jobs jobs(Duration memory) {
        return new Jobs(runner, Thread.ofVirtual().uncaughtExceptionHandler((thread, e) -> failures.add(e)).factory(),
                new JobLimits(1_000, memory), nanos::get);
    }

    @AfterEach
    void noThreadHasFailed() {
        assertThat(failures).isEmpty();
    }

    private static Optional<CommandResult> run(Jobs jobs, String token) throws Exception {
        Command command = Command.of(TRUE, Command.OutputRules.keeping(1024));
        RememberedRun run = jobs.run(new Caller("test", "somebody", "here", 1), command,
                RequestId.of("somebody", token, TRUE), OptionalInt.empty());
        try {
            Optional<CommandResult> result = run.await(new Cancellation());
            assertThat(jobs.awaitIdle(Deadline.in(Duration.ofSeconds(30)))).isTrue();
            return result;
        } finally {
            run.letGo();
        }
    }

    private static int runUntilBusy(Jobs jobs) throws Exception {
        int count = 0;
        try {
            while (count < BUDGET_BYTES) {
                run(jobs, "id-" + count);
                count++;
            }
        } catch (RefusedException e) {
            return count;
        }
        throw new AssertionError("the budget was never used up");
    }

    /** Nothing with an ID can end any more then: somebody else has to look at the clock. */
    @Test
    void whenTheMemoryIsUsedUpItComesBackWithTime() throws Exception {
        Jobs jobs = jobs(Duration.ofMinutes(10));
        assertThat(runUntilBusy(jobs)).isPositive();
        assertThatThrownBy(() -> run(jobs, "new")).isInstanceOf(RefusedException.class);
        nanos.addAndGet(Duration.ofMinutes(10).toNanos() + 1);
        assertThat(run(jobs, "new").orElseThrow().outcome()).isEqualTo(new Outcome.Exited(0));
    }

    /** A duration may be longer than nanoseconds can count. */
    @Test
    void theMemoryMayBeEndless() throws Exception {
        Jobs jobs = jobs(Duration.ofSeconds(Long.MAX_VALUE));
        CommandResult first = run(jobs, "one").orElseThrow();
        nanos.addAndGet(Duration.ofDays(10_000).toNanos());
        assertThat(run(jobs, "two")).isPresent();
        assertThat(run(jobs, "one")).containsSame(first);
        assertThat(runner.budget().reservedBytes()).isPositive();
    }
}
