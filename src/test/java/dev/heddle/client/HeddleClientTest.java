package dev.heddle.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.command.Outcome;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java library against a server. */
@Timeout(60)
class HeddleClientTest {
    private static final Duration SECONDS = Duration.ofSeconds(20);

    private final String mark = UUID.randomUUID().toString();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    private TestServer server;
    private HeddleClient client;

    @BeforeEach
    void connect() throws Exception {
        server = TestServer.start(Variant.VIRTUAL_NATIVE);
        client = HeddleClient.connect("127.0.0.1", server.port(), SECONDS);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
    }

    private static RunRequest program(String... argv) {
        return RunRequest.program(List.of(argv));
    }

    private static RunRequest script(String script, String... arguments) {
        return RunRequest.script(script, List.of(arguments));
    }

    private RunRequest marked(RunRequest request) {
        return request.withEnvironment(Map.of("MARK", mark));
    }

    private void awaitNothingRuns() throws Exception {
        Await.until("nothing runs", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void runsToTheEnd() throws Exception {
        RunResult result = client.run(script("cat; pwd; echo $A $1 >&2; exit 7", "b c").withDirectory("/")
                .withEnvironment(Map.of("A", "1 2")).withStdin("in\n".getBytes()).withTimeout(SECONDS));
        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(7));
        assertThat(text(result.stdout()) + text(result.stderr())).isEqualTo("in\n/\n1 2 b c\n");
        assertThat(result.usage().stdoutBytes()).isEqualTo(5);
        assertThat(result.usage().resources().userTime()).isPresent();
        assertThat(client.run(script("kill -9 $$")).outcome()).isEqualTo(new Outcome.Signaled(9));
        assertThat(client.run(program("sleep", "600").withTimeout(Duration.ofMillis(1))).outcome())
                .isEqualTo(new Outcome.TimedOut());
        assertThat(client.run(program("seq", "1000").withMaxOutputBytes(10)).usage().bytesLeftOut()).isEqualTo(3883);
        assertThatThrownBy(() -> client.run(program("no-such-program"))).isInstanceOfSatisfying(
                ErrorReplyException.class, e -> assertThat(e.code()).isEqualTo("NOTFOUND"));
    }

    @Test
    void theSameIdRunsOnce() throws Exception {
        RunRequest request = script("echo x >> runs; date +%N").withDirectory(directory.toString()).withId("once");
        byte[] first = client.run(request).stdout();
        try (HeddleClient other = HeddleClient.connect("127.0.0.1", server.port(), SECONDS)) {
            assertThat(other.run(request).stdout()).isEqualTo(first);
        }
        assertThat(Files.readString(directory.resolve("runs"))).isEqualTo("x\n");
    }

    @Test
    void streamsOneRunAfterTheOther() throws Exception {
        for (int i = 0; i < 3; i++) {
            out.reset();
            try (StreamedRun run = client.stream(script("cat; echo err >&2; exit 3"))) {
                run.feed(new ByteArrayInputStream("in".getBytes()));
                Completion completion = run.await(out, err);
                assertThat(completion.outcome()).isEqualTo(new Outcome.Exited(3));
                assertThat(completion.usage().stdoutBytes()).isEqualTo(2);
                assertThat(out).hasToString("in");
            }
        }
        assertThat(err).hasToString("err\nerr\nerr\n");
        assertThat(client.run(program("true")).outcome()).as("and another call").isEqualTo(new Outcome.Exited(0));
        assertThatThrownBy(() -> client.stream(program("no-such-program"))).isInstanceOf(ErrorReplyException.class);
    }

    /** Both directions at once, in pieces of all sizes, and stdin closed before all of it has been read. */
    @Test
    void inputAndOutputOfAnyLength() throws Exception {
        byte[] chunk = "0123456789".repeat(1_000_000).getBytes();
        try (StreamedRun run = client.stream(program("cat"))) {
            FutureTask<Void> writing = new FutureTask<>(() -> {
                try (OutputStream stdin = run.stdin()) {
                    for (int at = 0, n = 1; at < chunk.length; at += n, n = n * 3 % 300_007) {
                        stdin.write(chunk, at, Math.min(n, chunk.length - at));
                    }
                }
                return null;
            });
            Thread.ofVirtual().start(writing);
            assertThat(run.await(out, err).outcome()).isEqualTo(new Outcome.Exited(0));
            writing.get();
            assertThat(out.toByteArray()).isEqualTo(chunk);
        }
        out.reset();
        try (StreamedRun run = client.stream(program("head", "-c", "10"))) {
            run.feed(new ByteArrayInputStream(chunk));
            assertThat(run.await(out, err).outcome()).isEqualTo(new Outcome.Exited(0));
            assertThat(out).hasToString("0123456789");
        }
    }

    @Test
    void theProgramsClosedInputIsAWritersError() throws Exception {
        try (StreamedRun run = client.stream(marked(script("exec <&-; echo ready; exec sleep 600")))) {
            FutureTask<Void> writing = new FutureTask<>(() -> {
                while (true) {
                    run.stdin().write(new byte[10_000]);
                }
            });
            Thread.ofVirtual().start(writing);
            FutureTask<Completion> awaiting = new FutureTask<>(() -> run.await(out, err));
            Thread.ofVirtual().start(awaiting);
            assertThatThrownBy(() -> writing.get(20, TimeUnit.SECONDS))
                    .hasRootCauseMessage("the command takes no input any more");
            run.signal("KILL").get(20, TimeUnit.SECONDS);
            assertThat(awaiting.get(20, TimeUnit.SECONDS).outcome()).isEqualTo(new Outcome.Signaled(9));
        }
    }

    @Test
    void signalsReachARunUnderWay() throws Exception {
        try (StreamedRun run = client.stream(
                script("trap 'echo usr1; exit 4' USR1; echo ready; while :; do sleep 0.05; done"))) {
            OutputStream signalling = new OutputStream() {
                @Override
                public void write(int b) {
                    throw new AssertionError("byte by byte");
                }

                @Override
                public void write(byte[] bytes, int offset, int length) {
                    out.write(bytes, offset, length);
                    if (out.toString().equals("ready\n")) {
                        run.signal("USR1");
                    }
                }
            };
            assertThat(run.await(signalling, err).outcome()).isEqualTo(new Outcome.Exited(4));
            assertThat(out).hasToString("ready\nusr1\n");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leavingEndsTheCommand(boolean closeTheRunOnly) throws Exception {
        StreamedRun run = client.stream(marked(script("sleep 600 | cat")));
        assertThat(HostProcesses.withVariable("MARK", mark)).isNotEmpty();
        if (closeTheRunOnly) {
            run.close();
        } else {
            client.close();
        }
        awaitNothingRuns();
    }

    @Test
    void aPortThatIsNoneIsAMistakeAndLeavesNothingOpen() throws Exception {
        long descriptors = HostProcesses.descriptors();
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> HeddleClient.connect("127.0.0.1", 70_000, SECONDS))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(HostProcesses.descriptors()).isLessThan(descriptors + 20);
    }

    @Test
    void logsIn() throws Exception {
        try (TestServer locked = TestServer.start(Variant.VIRTUAL_NATIVE, Optional.of("open sesame"), limits -> limits);
                HeddleClient stranger = HeddleClient.connect("127.0.0.1", locked.port(), SECONDS)) {
            assertThatThrownBy(() -> stranger.stream(program("true"))).isInstanceOfSatisfying(ErrorReplyException.class,
                    e -> assertThat(e.code()).isEqualTo("NOAUTH"));
            assertThatThrownBy(() -> stranger.authenticate("wrong")).isInstanceOf(ErrorReplyException.class);
            stranger.authenticate("open sesame");
            try (StreamedRun run = stranger.stream(program("true"))) {
                assertThat(run.await(out, err).outcome()).isEqualTo(new Outcome.Exited(0));
            }
        }
    }
}
