package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.job.JobLimits;
import dev.heddle.job.Jobs;
import dev.heddle.net.Face;
import dev.heddle.net.StopStep;
import dev.heddle.process.jdk.JdkProcessEngine;
import dev.heddle.run.CommandRunner;
import dev.heddle.run.RunLimits;
import dev.heddle.service.CommandService;
import dev.heddle.server.StopReport.How;
import dev.heddle.time.Deadline;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The stop of a server whose faces need have no sockets. */
@Timeout(60)
class ShutdownTest {
    private static final ThreadFactory THREADS = Thread.ofVirtual().factory();

    /** A face whose only client goes at one of the steps. */
    private static final class FakeFace implements Face {
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

    private static StopReport stop(FakeFace... faces) throws InterruptedException {
        CommandRunner runner = new CommandRunner(new JdkProcessEngine(), THREADS, RunLimits.defaults(), List.of());
        Shutdown shutdown = new Shutdown(
                new CommandService(runner, new Jobs(runner, THREADS, JobLimits.DEFAULT)), List.of(faces));
        shutdown.begin();
        return shutdown.complete(Duration.ofMinutes(1));
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
}
