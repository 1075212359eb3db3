package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.job.JobLimits;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Jobs: started on one connection, read, fed and ended from any other. */
@ParameterizedClass
@EnumSource(Variant.class)
class JobTest {
    @Parameter
    private Variant variant;

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

    private record Chunk(long stream, long offset, byte[] bytes) {
        String text() {
            return new String(bytes);
        }
    }

    private record Page(long next, String state, Long code, List<Chunk> chunks) {
        static Page of(RespValue value) {
            List<RespValue> parts = ((ArrayReply) value).values();
            List<Chunk> chunks = new ArrayList<>();
            for (RespValue chunk : ((ArrayReply) parts.get(3)).values()) {
                List<RespValue> fields = ((ArrayReply) chunk).values();
                chunks.add(new Chunk(number(fields.get(0)), number(fields.get(1)),
                        ((BulkString) fields.get(2)).bytes()));
            }
            return new Page(number(parts.get(0)), ((BulkString) parts.get(1)).text(),
                    parts.get(2) == RespValue.Null.NULL ? null : number(parts.get(2)), chunks);
        }
    }

    private static Long number(RespValue value) {
        return ((IntegerReply) value).value();
    }

    private String start(String... words) throws IOException {
        List<String> request = new ArrayList<>(List.of("JOB", "START"));
        request.addAll(Arrays.asList(words));
        return ((BulkString) client.call(request.toArray(String[]::new))).text();
    }

    private Page read(String id, long cursor, String... options) throws IOException {
        List<String> request = new ArrayList<>(List.of("JOB", "READ", id, Long.toString(cursor)));
        request.addAll(Arrays.asList(options));
        return Page.of(client.call(request.toArray(String[]::new)));
    }

    private static void assertError(RespValue reply, String text) {
        assertThat(reply).isInstanceOfSatisfying(ErrorReply.class, error -> assertThat(error.text()).contains(text));
    }

    @Test
    void survivesItsClientAndIsReadFromTheStartAndFromTheMiddle() throws Exception {
        String id = start("--", "sh", "-c", "echo first; read line; echo $line >&2; exit 5");
        assertThat(read(id, 0, "BLOCK", "10000").chunks().getFirst().text()).isEqualTo("first\n");
        client.reset();
        client = server.connect();
        assertThat(number(client.call("JOB", "WRITE", id, "0", "second\n"))).isEqualTo(7);
        Reply end = client.run("JOB", "WAIT", id);
        assertThat(List.of(end.state(), end.code())).isEqualTo(List.of("exited", 5L));
        assertThat(end.usage().subList(4, 7)).containsExactly(6L, 7L, 0L);
        Page all = read(id, 0);
        assertThat(all.next()).isEqualTo(13);
        assertThat(List.of(all.state(), all.code())).isEqualTo(List.of("exited", 5L));
        assertThat(all.chunks()).extracting(Chunk::stream).containsExactly(1L, 2L);
        assertThat(all.chunks()).extracting(Chunk::text).containsExactly("first\n", "second\n");
        Page middle = read(id, 8);
        assertThat(middle.chunks()).extracting(Chunk::offset).containsExactly(8L);
        assertThat(middle.chunks().getFirst().text()).isEqualTo("cond\n");
        assertThat(read(id, 13).chunks()).isEmpty();
        assertError(client.call("JOB", "READ", id, "14"), "the output ends at 13");
    }

    /** For each of many short jobs: whoever sees the end has had the last byte. */
    @Test
    void theEndIsNeverSeenBeforeTheLastByte() throws Exception {
        for (int i = 0; i < 50; i++) {
            String id = start("STDIN", "", "--", "sh", "-c", "printf a; printf b >&2; printf c");
            StringBuilder text = new StringBuilder();
            Page page = read(id, 0, "MAX", "1", "BLOCK", "10000");
            while (page.state().equals("running")) {
                page.chunks().forEach(chunk -> text.append(chunk.text()));
                page = read(id, page.next(), "MAX", "1", "BLOCK", "10000");
            }
            page.chunks().forEach(chunk -> text.append(chunk.text()));
            assertThat(text.toString()).hasSize(3).contains("b").containsSubsequence("a", "c");
        }
    }

    @Test
    void whatIsNotKeptIsAVisibleGap() throws Exception {
        String id = start("MAXOUT", "1000", "STDIN", "", "--", "seq", "1", "100000");
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (int i = 1; i <= 100000; i++) {
            expected.writeBytes((i + "\n").getBytes());
        }
        byte[] whole = expected.toByteArray();
        assertThat(client.run("JOB", "WAIT", id).usage().get(6)).isEqualTo(whole.length - 1000L);
        Page page = read(id, 0);
        assertThat(page.next()).isEqualTo(whole.length);
        assertThat(page.chunks().stream().mapToInt(chunk -> chunk.bytes().length).sum()).isEqualTo(1000);
        assertThat(page.chunks().getFirst().offset()).isZero();
        for (Chunk chunk : page.chunks()) {
            int from = (int) chunk.offset();
            assertThat(chunk.bytes()).isEqualTo(Arrays.copyOfRange(whole, from, from + chunk.bytes().length));
        }
        assertThat(read(id, 500, "MAX", "10").chunks().getFirst().offset()).as("behind the gap")
                .isEqualTo(whole.length - 500);
    }

    @Test
    void streamsThatAlternateStayWithinTheirMemory() throws Exception {
        String id = start("MAXOUT", "65536", "STDIN", "", "--", "sh", "-c",
                "i=0; while [ $i -lt 3000 ]; do echo a; echo b >&2; i=$((i+1)); done");
        client.run("JOB", "WAIT", id);
        assertThat(server.server().service().status().budgetUsedBytes()).isLessThan(4 * 65536);
        Page page = read(id, 0, "MAX", "1000000");
        assertThat(page.next()).isEqualTo(12000);
        assertThat(page.chunks().getLast().offset() + page.chunks().getLast().bytes().length).isEqualTo(12000);
    }

    @Test
    void stdinIsWrittenByOffsetAndSafeToResend() throws Exception {
        String id = start("--", "cat");
        assertThat(number(client.call("JOB", "WRITE", id, "0", "hello "))).isEqualTo(6);
        assertThat(number(client.call("JOB", "WRITE", id, "0", "hello "))).as("again").isEqualTo(6);
        assertThat(number(client.call("JOB", "WRITE", id, "3", "lo world"))).as("overlapping").isEqualTo(11);
        assertError(client.call("JOB", "WRITE", id, "50", "x"), "up to 11");
        assertThat(client.call("JOB", "EOF", id)).isEqualTo(SimpleString.OK);
        assertThat(client.run("JOB", "WAIT", id).code()).isZero();
        StringBuilder text = new StringBuilder();
        read(id, 0).chunks().forEach(chunk -> text.append(chunk.text()));
        assertThat(text.toString()).isEqualTo("hello world");
        assertError(client.call("JOB", "WRITE", id, "11", "x"), "stdin");
    }

    @Test
    void aWriteToAProgramThatDoesNotReadComesBack() throws Exception {
        String id = start("--", "sleep", "600");
        byte[] much = new byte[1 << 20];
        client.request("JOB".getBytes(), "WRITE".getBytes(), id.getBytes(), "0".getBytes(), much);
        assertThat(number(client.read())).isBetween(64L << 10, 400L << 10);
        assertThat(client.call("JOB", "SIGNAL", id, "KILL")).isEqualTo(SimpleString.OK);
        assertThat(client.run("JOB", "WAIT", id).state()).isEqualTo("signaled");
    }

    @Test
    void megabytesOfStdinArriveWhole() throws Exception {
        byte[] input = new byte[1 << 20];
        new Random(3).nextBytes(input);
        String id = start("MAXOUT", "4000000", "--", "cat");
        int offset = 0;
        while (offset < input.length) {
            client.request("JOB".getBytes(), "WRITE".getBytes(), id.getBytes(), Integer.toString(offset).getBytes(),
                    Arrays.copyOfRange(input, offset, Math.min(input.length, offset + 100_000)));
            offset = number(client.read()).intValue();
        }
        client.call("JOB", "EOF", id);
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        Page page;
        long cursor = 0;
        do {
            page = read(id, cursor, "BLOCK", "10000", "MAX", "70000");
            page.chunks().forEach(chunk -> output.writeBytes(chunk.bytes()));
            cursor = page.next();
        } while (page.state().equals("running"));
        assertThat(output.toByteArray()).isEqualTo(input);
    }

    @Test
    void shortWaitsTellThatItRuns() throws Exception {
        String id = start("--", "sleep", "600");
        List<RespValue> running = ((ArrayReply) client.call("JOB", "WAIT", id, "50")).values();
        assertThat(running.subList(0, 2)).containsExactly(BulkString.of("running"), RespValue.Null.NULL);
        Page page = read(id, 0, "BLOCK", "50");
        assertThat(page).isEqualTo(new Page(0, "running", null, List.of()));
        assertError(client.call("JOB", "RM", id), "running");
        assertThat(client.call("JOB", "SIGNAL", id, "sigterm")).isEqualTo(SimpleString.OK);
        assertThat(client.run("JOB", "WAIT", id).code()).isEqualTo(15);
        assertError(client.call("JOB", "SIGNAL", id, "TERM"), "ended");
        assertThat(client.call("JOB", "RM", id)).isEqualTo(SimpleString.OK);
        assertError(client.call("JOB", "INFO", id), "NOJOB");
        assertThat(server.server().service().status().budgetUsedBytes()).isZero();
    }

    @Test
    void aClientThatLeavesWhileItWaitsIsLetGo() throws Exception {
        String id = start("--", "sleep", "600");
        RawClient waiting = server.connect();
        RawClient reading = server.connect();
        waiting.request("JOB", "WAIT", id);
        reading.request("JOB", "READ", id, "0", "BLOCK", "600000");
        waiting.reset();
        reading.reset();
        Await.until("both are gone", () ->
                ((RespValue.BulkString) client.call("CLIENT", "LIST")).text().lines().count() == 1);
        client.call("JOB", "SIGNAL", id, "KILL");
    }

    @Test
    void aSignalToAJobThatStillWaitsIsNotSaidToBeTooLate() throws Exception {
        try (TestServer narrow = TestServer.start(variant, exec -> exec.withMaxRunning(1));
                RawClient first = narrow.connect(); RawClient waiting = narrow.connect();
                RawClient other = narrow.connect()) {
            first.request("RUN", "sleep", "600");
            Await.until("the first runs", () -> narrow.server().service().status().running() == 1);
            waiting.request("JOB", "START", "true");
            Await.until("the job waits", () -> narrow.server().service().status().waiting() == 1);
            List<RespValue> job = ((ArrayReply) ((ArrayReply) other.call("JOB", "LIST")).values().getFirst()).values();
            assertThat(((BulkString) job.get(1)).text()).isEqualTo("running");
            assertError(other.call("JOB", "SIGNAL", ((BulkString) job.get(0)).text(), "KILL"), "it has not started");
            first.reset();
        }
    }

    @Test
    void listAndInfoTellWhatThereIs() throws Exception {
        String first = start("STDIN", "", "--", "true");
        client.run("JOB", "WAIT", first);
        String second = start("--", "sleep", "600");
        List<RespValue> list = ((ArrayReply) client.call("JOB", "LIST")).values();
        assertThat(list).hasSize(2);
        List<RespValue> info = ((ArrayReply) list.get(0)).values();
        assertThat(info).hasSize(9);
        assertThat(info.subList(0, 4)).containsExactly(BulkString.of(first), BulkString.of("exited"),
                new IntegerReply(0), ArrayReply.of(BulkString.of("true")));
        assertThat(number(info.get(5)) - number(info.get(4))).isBetween(0L, 20_000L);
        assertThat(((ArrayReply) list.get(1)).values().get(1)).isEqualTo(BulkString.of("running"));
        client.call("JOB", "SIGNAL", second, "KILL");
    }

    @Test
    void whatCannotBeStartedIsNoJob() throws Exception {
        assertError(client.call("JOB", "START", "no-such-program"), "NOTFOUND");
        assertError(client.call("JOB", "START", "STREAM", "--", "true"), "syntax");
        assertError(client.call("JOB", "READ", "nonsense", "0"), "NOJOB no such job 'nonsense'");
        assertError(client.call("JOB", "DANCE"), "unknown subcommand");
        assertError(client.call("JOB", "READ"), "wrong number of arguments");
        assertThat(((ArrayReply) client.call("JOB", "LIST")).values()).isEmpty();
    }

    @Test
    void whatEndedFirstIsDroppedFirst() throws Exception {
        try (TestServer small = TestServer.start(variant, Optional.empty(),
                limits -> limits.withJobs(new JobLimits(3, Duration.ofMinutes(1))));
                RawClient one = small.connect()) {
            client.close();
            client = one;
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                ids.add(start("STDIN", "", "--", "echo", "x"));
                client.run("JOB", "WAIT", ids.get(i));
            }
            Await.until("two are dropped", () -> ((ArrayReply) client.call("JOB", "LIST")).values().size() == 3);
            assertError(client.call("JOB", "INFO", ids.get(1)), "NOJOB");
            assertThat(read(ids.get(2), 0).chunks().getFirst().text()).isEqualTo("x\n");
        }
    }

    @Test
    void aJobIsEndedWithItsServer() throws Exception {
        start("ENV", "MARK", mark, "--", "sh", "-c", "sleep 600 & sleep 600");
        Await.until("it runs", () -> HostProcesses.withVariable("MARK", mark).size() >= 2);
        assertThat(server.server().stop(Duration.ofMillis(100)).how()).isEqualTo(StopReport.How.FORCED);
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
    }

    @Test
    void aStoppingServerWaitsForItsJobs() throws Exception {
        start("STDIN", "", "--", "sleep", "0.3");
        assertThat(server.server().stop(Duration.ofSeconds(20)).how()).isEqualTo(StopReport.How.GRACEFUL);
    }
}
