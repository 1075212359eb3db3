package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.job.JobLimits;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.testing.Await;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests with an ID: however often they are sent, they run once. Each script counts its runs in a file. */
@ParameterizedClass
@EnumSource(Variant.class)
class RequestIdTest {
    @Parameter
    private Variant variant;

    @TempDir
    private Path directory;

    private Path runs;
    private TestServer server;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        runs = directory.resolve("runs");
        server = TestServer.start(variant);
        client = server.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    private String[] sh(String id, String script) {
        return new String[] {"SH", "ID", id, "ENV", "RUNS", runs.toString(), "--", "echo run >> $RUNS; " + script};
    }

    private int count() throws IOException {
        return Files.exists(runs) ? Files.readAllLines(runs).size() : 0;
    }

    private static void assertError(RespValue reply, String text) {
        assertThat(reply).isInstanceOfSatisfying(ErrorReply.class, error -> assertThat(error.text()).contains(text));
    }

    @Test
    void theSecondRequestGetsTheRememberedResult() throws Exception {
        Reply first = client.run(sh("one", "echo $$; echo err >&2; exit 3"));
        Reply second = client.run(sh("one", "echo $$; echo err >&2; exit 3"));
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(second.err()).isEqualTo("err\n");
        assertThat(second.code()).isEqualTo(3);
        assertThat(second.usage()).isEqualTo(first.usage());
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void aRunGoesOnWithoutItsClientAndIsAttachedTo() throws Exception {
        Path go = directory.resolve("go");
        String[] request = sh("two", "until [ -e " + go + " ]; do sleep 0.02; done; echo done");
        try (RawClient first = server.connect()) {
            first.request(request);
            Await.until("it runs", () -> count() == 1);
            first.reset();
        }
        List<RawClient> others = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            others.add(server.connect().request(request));
        }
        Files.createFile(go);
        for (RawClient other : others) {
            assertThat(Reply.of(other.read()).out()).isEqualTo("done\n");
            other.close();
        }
        assertThat(count()).isEqualTo(1);
    }

    /** The name is no reason to refuse one: all ask for the command that has it. */
    @Test
    void manyAtTheSameMomentRunOnce() throws Exception {
        for (int round = 1; round <= 20; round++) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                clients.add(server.connect());
            }
            List<String> request = new ArrayList<>(List.of(sh("round " + round, "echo x")));
            request.addAll(1, List.of("NAME", "round-" + round));
            for (RawClient one : clients) {
                one.request(request.toArray(String[]::new));
            }
            for (RawClient one : clients) {
                assertThat(Reply.of(one.read()).out()).isEqualTo("x\n");
                one.close();
            }
            assertThat(count()).isEqualTo(round);
        }
    }

    @Test
    void anotherRequestUnderAKnownIdIsAMistake() throws Exception {
        client.run(sh("three", "true"));
        assertError(client.call(sh("three", "false")), "ERR ID 'three' was used for another request");
        assertError(client.call("JOB", "START", "ID", "three", "--", "true"), "another request");
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void aJobIsStartedOnce() throws Exception {
        String[] request = {"JOB", "START", "ID", "four", "ENV", "RUNS", runs.toString(), "--", "sh", "-c",
                "echo run >> $RUNS; sleep 600"};
        RespValue id = client.call(request);
        assertThat(client.call(request)).isEqualTo(id);
        Await.until("it runs", () -> count() == 1);
        String job = ((BulkString) id).text();
        client.call("JOB", "SIGNAL", job, "KILL");
        client.run("JOB", "WAIT", job);
        assertThat(client.call(request)).as("ended, but kept").isEqualTo(id);
        client.call("JOB", "RM", job);
        assertError(client.call(request), "GONE");
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void aDroppedResultIsGoneAndNeverRunAgain() throws Exception {
        try (TestServer small = TestServer.start(variant, Optional.empty(),
                limits -> limits.withJobs(new JobLimits(2, Duration.ofMinutes(10))));
                RawClient one = small.connect()) {
            for (int i = 0; i < 4; i++) {
                one.run(sh("id " + i, "echo " + i));
            }
            Await.until("the first is dropped", () -> one.call(sh("id 0", "echo 0")) instanceof ErrorReply);
            assertError(one.call(sh("id 0", "echo 0")), "GONE");
            assertThat(one.run(sh("id 3", "echo 3")).out()).isEqualTo("3\n");
            assertThat(count()).isEqualTo(4);
        }
    }

    @Test
    void largeResultsAreDroppedBeforeTheyHoldUpOthers() throws Exception {
        try (TestServer small = TestServer.start(variant, exec -> exec.withBudgetBytes(4 << 20));
                RawClient one = small.connect()) {
            for (int i = 0; i < 12; i++) {
                Reply reply = one.run("RUN", "ID", "id " + i, "--", "head", "-c", "1000000", "/dev/zero");
                assertThat(reply.stdout()).hasSize(1_000_000);
            }
            assertError(one.call("RUN", "ID", "id 0", "--", "head", "-c", "1000000", "/dev/zero"), "GONE");
        }
    }

    @Test
    void anIdIsForgottenAfterItsTime() throws Exception {
        try (TestServer forgetful = TestServer.start(variant, Optional.empty(),
                limits -> limits.withJobs(new JobLimits(100, Duration.ofMillis(1))));
                RawClient one = forgetful.connect()) {
            one.run(sh("five", "true"));
            Await.until("it is forgotten", () -> {
                one.run("RUN", "ID", "other " + System.nanoTime(), "true"); // forgetting comes with new results
                one.run(sh("five", "true"));
                return count() >= 2;
            });
        }
    }

    @Test
    void whatNeverRanMayBeTriedAgain() throws Exception {
        Path program = directory.resolve("program");
        assertError(client.call("RUN", "ID", "six", "--", program.toString()), "NOTFOUND");
        Files.writeString(program, "#!/bin/sh\necho now\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        Await.until("it can be tried again", () ->
                client.call("RUN", "ID", "six", "--", program.toString()) instanceof RespValue.ArrayReply);
        assertThat(client.run("RUN", "ID", "six", "--", program.toString()).out()).isEqualTo("now\n");
    }

    @Test
    void badIdsAreRefused() throws Exception {
        assertError(client.call("RUN", "ID", "", "true"), "syntax");
        assertError(client.call("RUN", "ID", "x".repeat(129), "true"), "syntax");
    }
}
