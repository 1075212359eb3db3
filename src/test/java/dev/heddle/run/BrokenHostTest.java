package dev.heddle.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.Outcome;
import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.command.ResourceUsage;
import dev.heddle.command.SignalOutcome;
import dev.heddle.job.JobLimits;
import dev.heddle.job.Jobs;
import dev.heddle.job.RememberedRun;
import dev.heddle.job.RequestId;
import dev.heddle.memory.CommandResult;
import dev.heddle.process.ChildInput;
import dev.heddle.process.ChildOutput;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ExitStatus;
import dev.heddle.process.ProcessEngine;
import dev.heddle.process.ProcessSpec;
import dev.heddle.testing.Variant;
import dev.heddle.time.Cancellation;
import dev.heddle.time.Deadline;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of commands when the host has no room left to watch them, or to give them threads. */
@Timeout(60)
class BrokenHostTest {
    private static final Caller ORIGIN = new Caller("test", "somebody", "here", 1);
    private static final ThreadFactory THREADS = Variant.VIRTUAL_NATIVE.threads().factory();

    /** Children whose stdout cannot be waited for, as when the kernel's limit of epoll watches is reached. */
    private static final class DeafEngine implements ProcessEngine {
        private final ProcessEngine engine = Variant.VIRTUAL_NATIVE.engine();
        private final AtomicInteger started = new AtomicInteger();

        @Override
        public String name() {
            return engine.name();
        }

        @Override
        public int maxProcesses() {
            return engine.maxProcesses();
        }

        @Override
        public int concurrentStarts() {
            return engine.concurrentStarts();
        }

        @Override
        public boolean startsHang() {
            return engine.startsHang();
        }

        @Override
        public ChildProcess start(ProcessSpec spec) throws RefusedException, InterruptedException {
            ChildProcess child = engine.start(spec);
            started.incrementAndGet();
            return new DeafChild(child);
        }
    }

    private record DeafChild(ChildProcess child) implements ChildProcess {
        @Override
        public long pid() {
            return child.pid();
        }

        @Override
        public ChildInput stdin() {
            return child.stdin();
        }

        @Override
        public ChildOutput stdout() {
            return new ChildOutput() {
                @Override
                public boolean drainTo(Sink sink) throws IOException {
                    throw new IOException("epoll_ctl fails with errno 28");
                }

                @Override
                public boolean isDry(long sinceNanos) {
                    return false;
                }
            };
        }

        @Override
        public ChildOutput stderr() {
            return child.stderr();
        }

        @Override
        public CompletableFuture<ExitStatus> exit() {
            return child.exit();
        }

        @Override
        public SignalOutcome signal(int signal) {
            return child.signal(signal);
        }

        @Override
        public void terminate() {
            child.terminate();
        }

        @Override
        public boolean hasSurvivors() {
            return child.hasSurvivors();
        }

        @Override
        public ResourceUsage usage() {
            return child.usage();
        }

        @Override
        public void closePipes() {
            child.closePipes();
        }

        @Override
        public void close() {
            child.close();
        }
    }

    private static Command command(String... argv) {
        return Command.of(List.of(argv).stream().map(word -> word.getBytes(StandardCharsets.US_ASCII)).toList(),
                Command.OutputRules.keeping(1024));
    }

    private static RequestId id(String token) {
        return RequestId.of("somebody", token, List.of());
    }

    private static Ticket admitted(CommandRunner runner) throws RefusedException {
        return runner.admit(ORIGIN, command("yes"), OptionalInt.empty());
    }

    private static CommandResult run(Jobs jobs, String token) throws Exception {
        RememberedRun run = jobs.run(ORIGIN, command("true"), id(token), OptionalInt.empty());
        try {
            return run.await(new Cancellation()).orElseThrow();
        } catch (RefusedException e) {
            jobs.awaitSettled(run);
            throw e;
        } finally {
            run.letGo();
        }
    }

    @Test
    void aCommandWhoseOutputNobodyCanReadIsEnded() {
        CommandRunner runner = new CommandRunner(new DeafEngine(), THREADS, RunLimits.defaults(), List.of());
        assertThatThrownBy(() -> runner.run(admitted(runner), ORIGIN, command("yes"), new Cancellation()))
                .hasRootCauseInstanceOf(IOException.class);
        assertThat(runner.admission().load().running()).isZero();
        assertThat(runner.budget().reservedBytes()).isZero();
    }

    @Test
    void aRunWithAnIdThatHasFailedOnItsWayIsNotRunAgain() {
        DeafEngine engine = new DeafEngine();
        CommandRunner runner = new CommandRunner(engine, THREADS, RunLimits.defaults(), List.of());
        Jobs jobs = new Jobs(runner, THREADS, JobLimits.DEFAULT);
        assertThatThrownBy(() -> run(jobs, "one"))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> {
            assertThat(jobs.awaitIdle(Deadline.in(Duration.ofSeconds(30)))).isTrue();
            run(jobs, "one");
        }).isInstanceOfSatisfying(RefusedException.class,
                e -> assertThat(e.reason()).isEqualTo(Refusal.GONE));
        assertThat(engine.started).hasValue(1);
    }

    @Test
    void whatFindsNoThreadIsRefusedAndMayBeAskedForAgain() throws Exception {
        AtomicInteger refusals = new AtomicInteger(2);
        ThreadFactory scarce = task -> refusals.getAndDecrement() > 0
                ? new Thread(task) {
                    @Override
                    public void start() {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                } : THREADS.newThread(task);
        CommandRunner runner = new CommandRunner(Variant.VIRTUAL_NATIVE.engine(), THREADS, RunLimits.defaults(),
                List.of());
        Jobs jobs = new Jobs(runner, scarce, JobLimits.DEFAULT);
        assertThatThrownBy(() -> jobs.start(ORIGIN, command("true"), Optional.empty(), OptionalInt.empty())
                .awaitStart(new Cancellation()))
                .isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> run(jobs, "two"))
                .isInstanceOf(RefusedException.class);
        assertThat(jobs.running()).isZero();
        assertThat(jobs.list("somebody")).isEmpty();
        assertThat(runner.budget().reservedBytes()).isZero();
        assertThat(run(jobs, "two").outcome()).isEqualTo(new Outcome.Exited(0));
    }
}
