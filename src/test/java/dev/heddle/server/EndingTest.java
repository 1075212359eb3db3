package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.run.RunLimits;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** How commands end, and what becomes of what they leave behind. */
@ParameterizedClass
@EnumSource(Variant.class)
class EndingTest {
    /** A program that stops itself, and would clean up if it were asked to end. */
    /** What nobody who cleans up needs, on a busy machine either. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String STOPPED = "trap 'echo got-term; exit 5' TERM; kill -STOP $$; sleep 20";

    @Parameter
    private Variant variant;

    @TempDir
    private Path directory;

    private final String mark = UUID.randomUUID().toString();
    private TestServer server;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(variant);
        client = server.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void tellsDeathBySignalFromExit() throws Exception {
        Reply killed = client.run("SH", "kill -9 $$");
        assertThat(killed.state()).isEqualTo("signaled");
        assertThat(killed.code()).isEqualTo(9);
        assertThat(client.run("SH", "exit 9").state()).isEqualTo("exited");
    }

    @Test
    void everySmallExitCodeArrives() throws Exception {
        for (int code : new int[] {0, 1, 2, 42, 100, 125, 126, 127, 128, 200, 255}) {
            Reply reply = client.run("SH", "exit " + code);
            assertThat(List.of(reply.state(), reply.code())).isEqualTo(List.of("exited", (long) code));
        }
    }

    @Test
    void timeoutKeepsPartialOutputAndKillsTheTree() throws Exception {
        Reply reply = client.run("RUN", "ENV", "MARK", mark, "TIMEOUT", "300", "--", "sh", "-c",
                "echo a; sleep 60 | cat");
        assertThat(reply.state()).isEqualTo("timeout");
        assertThat(reply.code()).isNull();
        assertThat(reply.out()).isEqualTo("a\n");
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
    }

    @Test
    void timeoutKillsWhatIgnoresTerm() throws Exception {
        Reply reply = client.run("SH", "ENV", "MARK", mark, "TIMEOUT", "200",
                "trap '' TERM; echo a; while :; do sleep 0.05; done");
        assertThat(reply.state()).isEqualTo("timeout");
        assertThat(reply.out()).isEqualTo("a\n");
        assertThat(reply.usage().get(0)).as("wall time: timeout and grace").isBetween(700_000L, 30_000_000L);
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
    }

    private Reply runPatiently(UnaryOperator<RunLimits> patience, String... words) throws Exception {
        try (TestServer patient = TestServer.start(variant, patience); RawClient other = patient.connect()) {
            return other.run(words);
        }
    }

    @Test
    void timeoutLetsACommandCleanUp() throws Exception {
        Reply reply = runPatiently(exec -> exec.withKillGrace(PATIENCE), "SH", "TIMEOUT", "300",
                "trap 'echo cleaned; exit 0' TERM; sleep 60 & wait");
        assertThat(reply.state()).isEqualTo("timeout");
        assertThat(reply.out()).isEqualTo("cleaned\n");
    }

    /** CONT follows TERM, or the handler would never run. */
    @Test
    void timeoutLetsAStoppedCommandCleanUp() throws Exception {
        Reply reply = runPatiently(exec -> exec.withKillGrace(PATIENCE), "SH", "TIMEOUT", "2000", STOPPED);
        assertThat(List.of(reply.state(), reply.out())).isEqualTo(List.of("timeout", "got-term\n"));
    }

    @Test
    void timeoutLetsAStoppedDescendantThatLeftTheGroupCleanUp() throws Exception {
        Reply reply = runPatiently(exec -> exec.withKillGrace(PATIENCE), "SH", "TIMEOUT", "2000",
                "setsid sh -c \"$1\"; :", STOPPED);
        assertThat(List.of(reply.state(), reply.out())).isEqualTo(List.of("timeout", "got-term\n"));
    }

    /** The leader lives until it is known to have been started: see the README on the portable engine. */
    @Test
    void aStoppedProcessInTheBackgroundCanCleanUpToo() throws Exception {
        try (TestServer patient = TestServer.start(variant, exec -> exec.withDrainBound(PATIENCE));
                RawClient other = patient.connect()) {
            String id = ((BulkString) other.call("JOB", "START", "sh", "-c",
                    "sh -c \"$1\" & until grep -q '^State:.T' /proc/$!/status; do sleep 0.02; done; read x; :", "sh",
                    STOPPED)).text();
            other.call("JOB", "EOF", id);
            assertThat(Reply.of(other.call("JOB", "WAIT", id)).state()).isEqualTo("exited");
            assertThat(other.call("JOB", "READ", id, "0").toString()).contains("got-term");
        }
    }

    @Test
    void aStopOfTheServerLetsAStoppedCommandCleanUp() throws Exception {
        Path cleaned = directory.resolve("cleaned");
        client.request("SH", "ENV", "F", cleaned.toString(), "ENV", "MARK", mark,
                "trap 'touch $F; exit' TERM; kill -STOP $$; sleep 20");
        awaitStopped();
        server.server().stop(Duration.ZERO);
        assertThat(cleaned).exists();
    }

    /** What a client sends is sent as it is, and nothing with it. */
    @Test
    void aSignalOfAClientsIsSentAlone() throws Exception {
        String id = ((BulkString) client.call("JOB", "START", "ENV", "MARK", mark, "sh", "-c", STOPPED)).text();
        awaitStopped();
        client.call("JOB", "SIGNAL", id, "TERM");
        assertThat(stopped()).isTrue();
        client.call("JOB", "SIGNAL", id, "CONT");
        assertThat(client.run("JOB", "WAIT", id).code()).isEqualTo(5);
    }

    private void awaitStopped() throws Exception {
        Await.until("it is stopped", this::stopped);
    }

    private boolean stopped() throws IOException {
        for (long pid : HostProcesses.withVariable("MARK", mark)) {
            if (Files.readString(Path.of("/proc/" + pid + "/status")).contains("State:\tT")) {
                return true;
            }
        }
        return false;
    }

    @Test
    void afterATimeoutDescendantsHaveTheWholeGraceToo() throws Exception {
        Path cleaned = directory.resolve("cleaned");
        Reply reply = runPatiently(exec -> exec.withKillGrace(PATIENCE), "SH", "TIMEOUT", "300", "ENV", "F",
                cleaned.toString(),
                "sh -c 'trap \"sleep 0.6; touch $F; exit\" TERM; while :; do sleep 0.02; done'; true");
        assertThat(reply.state()).isEqualTo("timeout");
        assertThat(cleaned).exists();
    }

    @Test
    void timeoutKillsADescendantThatLeftTheGroup() throws Exception {
        Reply reply = client.run("SH", "ENV", "MARK", mark, "TIMEOUT", "300", "setsid sleep 60; :");
        assertThat(reply.state()).isEqualTo("timeout");
        Await.until("the escaped process is gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
    }

    @Test
    void backgroundProcessesDoNotHoldTheReply() throws Exception {
        long start = System.nanoTime();
        Reply reply = client.run("SH", "ENV", "MARK", mark, "sleep 60 & echo hi");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
        assertThat(reply.state()).isEqualTo("exited");
        assertThat(reply.out()).isEqualTo("hi\n");
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
    }

    @Test
    void backgroundProcessesThatIgnoreTermAreKilled() throws Exception {
        Reply reply = client.run("SH", "ENV", "MARK", mark,
                "trap '' TERM; (while :; do sleep 0.05; done) & echo hi");
        assertThat(reply.out()).isEqualTo("hi\n");
        Await.until("the orphan is gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
    }

    @Test
    void aDaemonThatHoldsThePipeDoesNotHoldTheReply() throws Exception {
        long start = System.nanoTime();
        Reply reply = client.run("SH", "setsid sleep 10 & echo hi");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
        assertThat(reply.out()).isEqualTo("hi\n");
    }

    @Test
    void aTalkingOrphanThatIgnoresTermDoesNotHoldTheReply() throws Exception {
        Reply reply = client.run("SH", "ENV", "MARK", mark,
                "(trap '' TERM; while :; do echo x; sleep 0.05; done) & sleep 0.1; echo hi"); // else it never ends
        assertThat(reply.out()).contains("hi\n");
        Await.until("the orphan is gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
    }

    @Test
    void aFloodFromADaemonIsBounded() throws Exception {
        Reply reply = client.run("SH", "setsid timeout 1 yes & sleep 0.1; exit 4");
        assertThat(reply.code()).isEqualTo(4);
        assertThat(client.run("RUN", "echo", "next").out()).isEqualTo("next\n");
    }
}
