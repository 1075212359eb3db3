package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.job.Job;
import dev.heddle.job.JobLimits;
import dev.heddle.job.Jobs;
import dev.heddle.net.Face;
import dev.heddle.net.StopStep;
import dev.heddle.process.jdk.JdkProcessEngine;
import dev.heddle.run.CommandRunner;
import dev.heddle.run.RunLimits;
import dev.heddle.service.CommandService;
import dev.heddle.server.StopReport.How;
import dev.heddle.time.Cancellation;
import dev.heddle.time.Deadline;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ThreadFactory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The stop of a server whose faces need have no sockets. */
@Timeout(60)
class ShutdownTest {
    private static final ThreadFactory THREADS = Thread.ofVirtual().factory();

    /** A face whose only client goes at one of the steps. */
    private static class FakeFace implements Face {
        private final StopStep last;
        private final List<Object> seen = new ArrayList<>();

        FakeFace(StopStep last) {
            this.last = last;
        }

        @Override
        public void open() {
            throw new AssertionError("it is open");
        }

        @Override
        public void refuseNew() {
            seen.add("refuseNew");
        }

        @Override
        public void end(StopStep step) {
            seen.add(step);
        }

        @Override
        public boolean awaitEnd(Deadline deadline) {
            return seen.contains(last);
        }

        @Override
        public long clients() {
            return seen.contains(last) ? 0 : 1;
        }

        @Override
        public void close() {
            throw new AssertionError("that is not the shutdown's");
        }
    }

    private final CommandRunner runner = new CommandRunner(new JdkProcessEngine(), THREADS,
            RunLimits.defaults().withKillGrace(Duration.ofHours(1)), List.of());
    private final Jobs jobs = new Jobs(runner, THREADS, JobLimits.DEFAULT);

    private StopReport stop(FakeFace... faces) throws InterruptedException {
        return stop(Duration.ofMinutes(1), faces);
    }

    private StopReport stop(Duration drainTime, FakeFace... faces) throws InterruptedException {
        Shutdown shutdown = new Shutdown(new CommandService(runner, jobs), List.of(faces));
        shutdown.begin();
        return shutdown.complete(drainTime);
    }

    @Test
    void aFaceWhoseClientsGoIsNotPressed() throws Exception {
        FakeFace face = new FakeFace(StopStep.DRAIN);
        assertThat(stop(face)).isEqualTo(new StopReport(How.GRACEFUL, 0, 0));
        assertThat(face.seen).containsExactly("refuseNew", StopStep.DRAIN);
    }

    @Test
    void aFaceWhoseClientsStayIsTakenFromStepToStep() throws Exception {
        FakeFace quick = new FakeFace(StopStep.DRAIN);
        FakeFace slow = new FakeFace(StopStep.ABORT);
        assertThat(stop(quick, slow).how()).isEqualTo(How.FORCED);
        assertThat(slow.seen).containsExactly("refuseNew", StopStep.DRAIN, StopStep.FINISH,
                StopStep.CANCEL_UNLESS_FOLLOWING, StopStep.CANCEL, StopStep.ABORT);
        assertThat(quick.seen).isEqualTo(slow.seen);
    }

    /** Its client does not read: the program may write no more, and its end is not seen before the client's. */
    @Test
    void nothingWaitsForAStreamButItsClient() throws Exception {
        Job stream = jobs.stream(new Caller("test", "somebody", "here", 1),
                Command.of(List.of("yes".getBytes(StandardCharsets.US_ASCII)), Command.OutputRules.keeping(1)),
                OptionalInt.empty());
        stream.awaitStart(new Cancellation());
        FakeFace face = new FakeFace(StopStep.CANCEL) {
            @Override
            public void end(StopStep step) {
                super.end(step);
                if (step == StopStep.CANCEL) {
                    stream.log().close();
                }
            }
        };
        assertThat(stop(Duration.ofMillis(100), face)).isEqualTo(new StopReport(How.FORCED, 0, 1));
    }
}
