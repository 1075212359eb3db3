package dev.heddle.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.Outcome;
import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.command.SignalOutcome;
import dev.heddle.command.Signals;
import dev.heddle.job.Job;
import dev.heddle.job.JobLimits;
import dev.heddle.job.Jobs;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.memory.Page;
import dev.heddle.run.CommandRunner;
import dev.heddle.run.RunLimits;
import dev.heddle.testing.Await;
import dev.heddle.testing.Variant;
import dev.heddle.time.Cancellation;
import dev.heddle.time.Deadline;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The states of an attachment: what may be said before, during and after the command, and what is left of it. */
class AttachmentTest {
    private static final Caller CALLER = new Caller("test", "somebody", "here", 1);

    private CommandRunner runner;
    private Jobs jobs;
    private MemoryBudget share;
    private final List<String> events = new CopyOnWriteArrayList<>();
    private Runnable onStarted = () -> { };

    @BeforeEach
    void start() {
        Variant variant = Variant.VIRTUAL_NATIVE;
        runner = new CommandRunner(variant.engine(), variant.threads().factory(),
                RunLimits.defaults().withMaxRunning(1).withKillGrace(Duration.ofMillis(500)), List.of());
        jobs = new Jobs(runner, variant.threads().factory(), JobLimits.DEFAULT);
        share = runner.budget().share("somebody");
    }

    @AfterEach
    void stop() throws Exception {
        jobs.cancelAll();
        assertThat(jobs.awaitIdle(Deadline.in(Duration.ofSeconds(30)))).isTrue();
    }

    private static Command command(String... argv) {
        return Command.of(Arrays.stream(argv).map(AttachmentTest::bytes).toList(),
                Command.OutputRules.keeping(1 << 20));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[][] pieces(String... texts) {
        return Arrays.stream(texts).map(AttachmentTest::bytes).toArray(byte[][]::new);
    }

    private Job job(String... argv) throws Exception {
        return jobs.start(CALLER, command(argv), Optional.empty(), OptionalInt.empty());
    }

    private Job stream(String... argv) throws Exception {
        return jobs.stream(CALLER, command(argv), OptionalInt.empty());
    }

    private void end(Job job) throws Exception {
        job.input().end();
        Await.until("it has ended", () -> job.end().isPresent());
    }

    private Attachment<String> attachment(boolean ends) {
        return new Attachment<>(new AttachmentEvents() {
            @Override
            public void started(String id, int inputBytes) {
                events.add("started " + inputBytes);
                onStarted.run();
            }

            @Override
            public void credit(int bytes) {
                events.add("credit");
            }

            @Override
            public void inputClosed() {
                events.add("closed");
            }

            @Override
            public void signaled(String name, SignalOutcome outcome) {
                events.add("signaled " + name + " " + outcome);
            }
        }, share, ends);
    }

    /** Takes up to the last delivery; returns that, and adds what was printed. */
    private static Attachment.Delivery<String> takeAll(Attachment<String> attachment, StringBuilder out) throws Exception {
        while (true) {
            try (Attachment.Delivery<String> delivery = attachment.take()) {
                delivery.notes().forEach(note -> out.append('<').append(note).append('>'));
                delivery.page().ifPresent(page -> page.pieces().forEach(piece -> out.append(text(piece))));
                if (delivery.isLast()) {
                    return delivery;
                }
            }
        }
    }

    private static String text(Page.Piece piece) {
        StringBuilder text = new StringBuilder();
        for (ByteBuffer bytes : piece.bytes()) {
            text.append(StandardCharsets.US_ASCII.decode(bytes.duplicate()));
        }
        return text.toString();
    }

    @Test
    void whatIsSaidBeforeTheStartHappensThen() throws Exception {
        Job first = job("cat");
        Job second = job("cat");
        try (Attachment<String> early = attachment(false)) {
            assertThat(early.write(pieces("one ", "two"))).isEqualTo(Attachment.Input.TAKEN);
            assertThat(early.signal("cont", 18)).isEmpty();
            early.bind(second, 0, true);
            assertThat(early.write(pieces(" three"))).isEqualTo(Attachment.Input.TAKEN);
            early.endInput();
            early.note("note", 4);
            assertThat(early.take().notes()).containsExactly("note");
            assertThat(events).isEmpty();
            end(first);
            StringBuilder out = new StringBuilder();
            Attachment.Delivery<String> last = takeAll(early, out);
            assertThat(out.toString()).isEqualTo("one two three");
            assertThat(last.end().orElseThrow().outcome()).isEqualTo(new Outcome.Exited(0));
            assertThat(last.left()).isFalse();
            assertThat(events.subList(0, 2)).containsExactly("started " + (64 << 10), "signaled cont SENT");
            assertThat(early.isOpen()).isFalse();
            assertThat(early.post("late", 0)).isFalse();
            assertThat(early.hold()).isFalse();
        }
    }

    /** The program may run and read already, and credit for what it has read must not come before the window. */
    @Test
    void inputGoesToTheCommandOnceItsClientHasHeardOfTheWindow() throws Exception {
        Job job = job("cat");
        job.awaitStart(new Cancellation());
        List<Object> accepted = new ArrayList<>();
        onStarted = () -> {
            try {
                accepted.add(job.write(0, new byte[0], Duration.ZERO, new Cancellation()));
            } catch (RefusedException | InterruptedException e) {
                accepted.add(e);
            }
        };
        try (Attachment<String> attachment = attachment(false)) {
            attachment.write(pieces("early"));
            attachment.bind(job, 0, true);
            assertThat(accepted).containsExactly(0L);
            assertThat(job.write(5, new byte[0], Duration.ZERO, new Cancellation())).isEqualTo(5);
            end(job);
        }
    }

    @Test
    void earlySignalsAreBounded() throws Exception {
        Attachment<String> early = attachment(false);
        for (int i = 0; i < 16; i++) {
            assertThat(early.signal("USR1", 10)).isEmpty();
        }
        assertThatThrownBy(() -> early.signal("USR1", 10)).isInstanceOfSatisfying(RefusedException.class,
                e -> assertThat(e.reason()).isEqualTo(Refusal.WRONG_STATE));
        early.close();
        assertThat(share.reservedBytes()).isZero();
    }

    @Test
    void earlyInputIsWithinTheWindowOrNotTakenAtAll() throws Exception {
        Attachment<String> early = attachment(false);
        String half = "x".repeat(40 << 10);
        assertThat(early.write(pieces(half, half))).isEqualTo(Attachment.Input.BEYOND_CREDIT);
        assertThat(early.write(pieces(half))).isEqualTo(Attachment.Input.TAKEN);
        assertThat(early.windowBytes()).isEqualTo(64 << 10);
        assertThat(early.write(pieces(half))).isEqualTo(Attachment.Input.BEYOND_CREDIT);
        early.close();
        assertThat(share.reservedBytes()).isZero();
    }

    @Test
    void whoLeavesBeforeTheStartHasLeft() throws Exception {
        Job job = job("cat");
        try (Attachment<String> early = attachment(false)) {
            assertThat(early.leave()).isTrue();
            early.bind(job, 0, true);
            Attachment.Delivery<String> last = takeAll(early, new StringBuilder());
            assertThat(last.left()).isTrue();
            assertThat(last.end()).isEmpty();
        }
        assertThat(job.end()).isEmpty();
        end(job);
    }

    @Test
    void aCommandThatEndsWithItsClientIsNotLeft() throws Exception {
        Attachment<String> stream = attachment(true);
        assertThat(stream.leave()).as("before it is known").isFalse();
        Job job = stream("cat");
        stream.bind(job, 0, true);
        assertThat(stream.leave()).isFalse();
        stream.endInput();
        assertThat(takeAll(stream, new StringBuilder()).end().orElseThrow().outcome())
                .isEqualTo(new Outcome.Exited(0));
        stream.close();
    }

    @Test
    void inputThatBreaksOffBeforeTheCommandIsKnownEndsIt() throws Exception {
        Job first = job("cat");
        try (Attachment<String> stream = attachment(true)) {
            stream.write(pieces("half"));
            stream.cutInput();
            stream.bind(stream("cat"), 0, true);
            assertThat(takeAll(stream, new StringBuilder()).end().orElseThrow().outcome())
                    .isEqualTo(new Outcome.Cancelled());
            assertThat(events).as("nothing ran").isEmpty();
        }
        end(first);
    }

    @Test
    void completeInputThatBreaksOffEndsNothing() throws Exception {
        try (Attachment<String> stream = attachment(true)) {
            stream.write(pieces("whole"));
            stream.endInput();
            stream.cutInput();
            stream.bind(stream("cat"), 0, true);
            StringBuilder out = new StringBuilder();
            assertThat(takeAll(stream, out).end().orElseThrow().outcome()).isEqualTo(new Outcome.Exited(0));
            assertThat(out.toString()).isEqualTo("whole");
        }
    }

    @Test
    void whatWasSaidEarlyStaysWithAJobThatIsLeftBeforeItsStart() throws Exception {
        Job first = job("cat");
        Job second = job("cat");
        try (Attachment<String> early = attachment(false)) {
            early.bind(second, 0, true);
            early.write(pieces("one ", "two"));
            early.endInput();
            early.leave();
            assertThat(takeAll(early, new StringBuilder()).left()).isTrue();
        }
        end(first);
        Await.until("it has read all", () -> second.end().isPresent());
        assertThat(second.log().total()).isEqualTo(7);
        jobs.remove(first);
        jobs.remove(second);
        assertThat(runner.budget().reservedBytes()).isZero();
    }

    @Test
    void inputOfAJobThatBreaksOffLeavesIt() throws Exception {
        Job job = job("cat");
        try (Attachment<String> attached = attachment(false)) {
            attached.bind(job, 0, true);
            attached.write(pieces("half"));
            attached.cutInput();
            assertThat(takeAll(attached, new StringBuilder()).left()).isTrue();
        }
        assertThat(job.end()).isEmpty();
        job.input().end();
        Await.until("all of it is there", () -> job.log().total() == 4);
    }

    @Test
    void anAttachmentThatIsNeverBoundGivesBackWhatItHas() throws Exception {
        for (boolean ends : new boolean[] {true, false}) {
            Attachment<String> unbound = attachment(ends);
            unbound.write(pieces("x"));
            unbound.note("x", 100);
            unbound.endInput();
            unbound.cancel();
            unbound.cutInput();
            unbound.close();
            assertThat(share.reservedBytes()).isZero();
            assertThat(unbound.isOpen()).isFalse();
        }
    }

    @Test
    void whoeverOnlyReadsHasNoInput() throws Exception {
        Job job = job("cat");
        try (Attachment<String> reader = attachment(false)) {
            reader.bind(job, 0, false);
            Await.until("it has started", () -> !events.isEmpty());
            assertThat(events).containsExactly("started 0");
            assertThat(reader.write(pieces("x"))).isEqualTo(Attachment.Input.UNWANTED);
            reader.endInput();
            assertThat(reader.windowBytes()).isZero();
            assertThat(job.input().isComplete()).isFalse();
        }
        end(job);
    }

    @Test
    void aDetachWithUnreadInputLosesNothing() throws Exception {
        Job job = job("sh", "-c", "kill -STOP $$; exec cat");
        try (Attachment<String> leaver = attachment(false)) {
            leaver.bind(job, 0, true);
            Await.until("it has started", () -> !events.isEmpty());
            List<String> parts = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                parts.add(Integer.toString(i).repeat(10_000));
            }
            assertThat(leaver.write(pieces(parts.toArray(String[]::new)))).isEqualTo(Attachment.Input.TAKEN);
            Await.until("the pipe is almost full", () -> events.contains("credit"));
            assertThat(leaver.write(pieces(parts.toArray(String[]::new)))).isEqualTo(Attachment.Input.TAKEN);
            leaver.leave();
            assertThat(takeAll(leaver, new StringBuilder()).left()).isTrue();
        }
        Await.until("it goes on", () -> {
            job.signal(Signals.parse("CONT").getAsInt());
            return job.log().total() == 120_000;
        });
        end(job);
        jobs.remove(job);
        assertThat(share.reservedBytes()).isZero();
        assertThat(runner.budget().reservedBytes()).isZero();
    }

    @Test
    void theLastDeliveryWaitsForAnAnswerThatIsToCome() throws Exception {
        Job job = job("true");
        Await.until("it has ended", () -> job.end().isPresent());
        try (Attachment<String> attached = attachment(false)) {
            attached.bind(job, 0, true);
            assertThat(attached.hold()).isTrue();
            Thread.ofVirtual().start(() -> {
                attached.note("answer", 6);
                attached.letGo();
            });
            StringBuilder out = new StringBuilder();
            assertThat(takeAll(attached, out).end()).isPresent();
            assertThat(out.toString()).isEqualTo("<answer>");
        }
    }

    @Test
    void aStreamThatIsClosedEndsItsCommand() throws Exception {
        Job job = stream("yes");
        Attachment<String> stream = attachment(true);
        stream.bind(job, 0, true);
        stream.take().close();
        stream.close();
        Await.until("it has ended", () -> job.end().isPresent());
        assertThat(jobs.awaitIdle(Deadline.in(Duration.ofSeconds(20)))).isTrue();
        assertThat(share.reservedBytes()).isZero();
    }

    @Test
    void nothingRunsForACommandThatIsRefused() throws Exception {
        try (Attachment<String> stream = attachment(true)) {
            stream.bind(stream("/no/such/program"), 0, true);
            assertThatThrownBy(() -> takeAll(stream, new StringBuilder())).isInstanceOfSatisfying(
                    RefusedException.class, e -> assertThat(e.reason()).isEqualTo(Refusal.PROGRAM_NOT_FOUND));
            assertThat(events).isEmpty();
        }
    }
}
