package dev.heddle.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.Payload;
import dev.heddle.memory.OutputLog;
import dev.heddle.run.CommandRunner;
import dev.heddle.run.RunLimits;
import dev.heddle.run.Ticket;
import dev.heddle.testing.Variant;
import dev.heddle.time.Cancellation;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.junit.jupiter.api.Test;

/** A job's times, while somebody sets the host's clock. */
class JobTimesTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Instant ELEVEN = NOON.minus(Duration.ofHours(1));

    private final Variant variant = Variant.VIRTUAL_NATIVE;
    private final CommandRunner runner = new CommandRunner(variant.engine(), variant.threads().factory(),
            RunLimits.defaults(), List.of());

    private Job job(InstantSource wallClock) throws Exception {
        Command command = Command.of(Command.shell("exit 3".getBytes(StandardCharsets.US_ASCII), List.of()),
                Command.OutputRules.keeping(1024));
        Caller caller = new Caller("test", "somebody", "here", 1);
        Ticket ticket = runner.admit(caller, command, OptionalInt.empty());
        return new Job(ticket, caller, command, runner, OutputLog.keeping(1024, runner.budget()), wallClock);
    }

    @Test
    void aJobEndsAfterItsStartThoughTheClockIsSetBack() throws Exception {
        Queue<Instant> clock = new ConcurrentLinkedQueue<>(List.of(NOON, ELEVEN, ELEVEN.minus(Duration.ofHours(1))));
        Job job = job(clock::remove);
        assertThat(job.begun()).as("when it was asked for").isEqualTo(NOON);
        job.run();
        assertThat(job.begun()).isAfter(NOON);
        assertThat(job.ended().orElseThrow()).isAfter(job.begun());
    }

    @Test
    void aJobIsNoLongerForAClockThatIsSetForward() throws Exception {
        Queue<Instant> clock = new ConcurrentLinkedQueue<>(List.of(ELEVEN, NOON, NOON.plus(Duration.ofHours(1))));
        Job job = job(clock::remove);
        job.run();
        assertThat(Duration.between(job.begun(), job.ended().orElseThrow())).isLessThan(Duration.ofMinutes(30));
    }

    @Test
    void aJobThatIsCancelledBeforeItsStartEndsAfterItWasAskedFor() throws Exception {
        Queue<Instant> clock = new ConcurrentLinkedQueue<>(List.of(NOON, ELEVEN, ELEVEN));
        Job job = job(clock::remove);
        job.cancel();
        job.run();
        assertThat(job.awaitEnd(Duration.ofSeconds(30), new Cancellation())).isPresent();
        assertThat(job.ended()).contains(job.begun());
        assertThat(job.begun()).isAfter(NOON);
    }
}
