package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.testing.Await;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** JOB ATTACH: clients come to a job, read and write, and leave; the job goes on. */
@ParameterizedClass
@EnumSource(Variant.class)
class AttachTest {
    private static final SimpleString DETACHED = new SimpleString("DETACHED");

    @Parameter
    private Variant variant;

    private TestServer server;
    private RawClient client;
    private RawClient other;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(variant);
        client = Streamed.connect(server);
        other = Streamed.connect(server);
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        other.close();
        server.close();
    }

    private static RespValue call(RawClient client, String first, String... words) throws IOException {
        List<String> request = new ArrayList<>(List.of(first.split(" ")));
        request.addAll(Arrays.asList(words));
        return client.call(request.toArray(String[]::new));
    }

    private String job(String... words) throws IOException {
        return Streamed.text(call(other, "JOB START", words));
    }

    private String script(String script) throws IOException {
        return job("--", "sh", "-c", script);
    }

    /** Waits until the job has printed so much in all. */
    private void awaitOutput(String id, long bytes) throws Exception {
        Await.until("output", () -> ((RespValue.ArrayReply) call(other, "JOB INFO", id)).values().get(6)
                .equals(new IntegerReply(bytes)));
    }

    /** What an attachment has sent up to its reply: each push in words, output as its text. */
    private record Attached(List<String> pushes, ByteArrayOutputStream out, RespValue last) {
        static Attached read(RawClient client) throws IOException {
            List<String> pushes = new ArrayList<>();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            while (true) {
                RespValue value = client.read();
                if (!(value instanceof Push(List<RespValue> parts))) {
                    return new Attached(pushes, out, value);
                }
                if (Streamed.text(parts.get(1)).equals("out")) {
                    out.writeBytes(((BulkString) parts.get(4)).bytes());
                }
                pushes.add(words(parts));
            }
        }

        Reply reply() {
            return Reply.of(last);
        }

        List<String> without(String... kinds) {
            return pushes.stream().filter(push -> !List.of(kinds).contains(push.split(" ")[0])).toList();
        }
    }

    /** A push without its first word. */
    private static String words(List<RespValue> parts) {
        assertThat(Streamed.text(parts.get(0))).isEqualTo("heddle");
        StringBuilder words = new StringBuilder();
        for (RespValue part : parts.subList(1, parts.size())) {
            words.append(words.isEmpty() ? "" : " ")
                    .append(part instanceof IntegerReply(long number) ? Long.toString(number) : Streamed.text(part));
        }
        return words.toString();
    }

    private static String next(RawClient client) throws IOException {
        return words(((Push) client.read()).values());
    }

    private static void assertError(RespValue reply, String text) {
        assertThat(reply).isInstanceOfSatisfying(ErrorReply.class, error -> assertThat(error.text()).isEqualTo(text));
    }

    @Test
    void allOutputComesWithItsOffsetsAndThenTheEnd() throws Exception {
        String id = script("printf abc; read line; printf de >&2; exit 7");
        client.request("JOB", "ATTACH", id);
        assertThat(next(client)).startsWith("started " + id + " ");
        assertThat(next(client)).isEqualTo("out " + id + " 0 abc");
        client.request("STDIN", "x\n");
        Attached rest = Attached.read(client);
        assertThat(rest.without("window", "closed")).containsExactly("err " + id + " 3 de");
        assertThat(rest.reply().state()).isEqualTo("exited");
        assertThat(rest.reply().code()).isEqualTo(7);
        assertThat(rest.reply().usage().subList(4, 7)).containsExactly(3L, 2L, 0L);
        assertThat(rest.reply().stdout()).isEmpty();
        assertThat(client.call("JOB", "WAIT", id)).isEqualTo(rest.last());
    }

    @Test
    void itBeginsWhereTheClientSays() throws Exception {
        String id = script("printf 0123456789; read line");
        awaitOutput(id, 10);
        client.request("JOB", "ATTACH", id, "FROM", "4");
        assertThat(next(client)).startsWith("started ");
        assertThat(next(client)).isEqualTo("out " + id + " 4 456789");
        assertThat(client.request("DETACH").read()).isEqualTo(DETACHED);
        client.request("JOB", "ATTACH", id, "TAIL", "3");
        assertThat(next(client)).startsWith("started ");
        assertThat(next(client)).isEqualTo("out " + id + " 7 789");
        assertThat(client.request("DETACH").read()).isEqualTo(DETACHED);
        client.request("JOB", "ATTACH", id, "TAIL", "1000");
        assertThat(next(client)).startsWith("started ");
        assertThat(next(client)).isEqualTo("out " + id + " 0 0123456789");
        assertThat(client.request("DETACH").read()).isEqualTo(DETACHED);
        client.request("JOB", "ATTACH", id, "FROM", "10").request("STDIN", "\n");
        Attached end = Attached.read(client);
        assertThat(end.without("started", "window", "closed")).isEmpty();
        assertThat(end.reply().state()).isEqualTo("exited");
    }

    @Test
    void errorsOfTheRequestLeaveTheConnectionUsable() throws Exception {
        String id = script("printf 0123456789; read line");
        awaitOutput(id, 10);
        assertError(call(client, "JOB ATTACH", id, "FROM", "11"), "ERR offset 11: the output ends at 10");
        assertThat(call(client, "JOB ATTACH", id, "FROM", "1", "TAIL", "1").toString()).contains("do not go together");
        assertThat(call(client, "JOB ATTACH", id, "FROM", "-1")).isInstanceOf(ErrorReply.class);
        assertThat(call(client, "JOB ATTACH", id, "FROM")).isInstanceOf(ErrorReply.class);
        assertThat(call(client, "JOB ATTACH", id, "DANCE").toString()).contains("unknown option 'DANCE'");
        assertError(call(client, "JOB ATTACH nonsense"), "NOJOB no such job 'nonsense'");
        try (RawClient old = server.connect()) {
            assertError(call(old, "JOB ATTACH", id), "ERR ATTACH needs RESP3: send HELLO 3 first, and wait for its reply");
            assertThat(old.call("PING")).isEqualTo(new SimpleString("PONG"));
        }
        assertThat(client.call("PING")).isEqualTo(new SimpleString("PONG"));
        assertThat(call(client, "JOB SIGNAL", id, "KILL")).isEqualTo(SimpleString.OK);
    }

    @Test
    void wordsAreTakenAsBesideAStream() throws Exception {
        String id = job("--", "cat");
        client.request("JOB", "ATTACH", id).request("STDIN", "a\n");
        assertThat(words(Streamed.push(client, "out").values())).isEqualTo("out " + id + " 0 a\n");
        client.request("SIGNAL", "CONT");
        assertThat(words(Streamed.push(client, "signaled").values())).isEqualTo("signaled " + id + " CONT");
        client.request("SIGNAL", "DANCE");
        assertThat(words(Streamed.push(client, "error").values()))
                .isEqualTo("error " + id + " SIGNAL: there is no signal 'DANCE'");
        client.request("PING", "two");
        assertThat(words(Streamed.push(client, "pong").values())).isEqualTo("pong two");
        client.request("STDIN", "b").request("EOF");
        Attached end = Attached.read(client);
        assertThat(end.out().toString()).isEqualTo("b");
        assertThat(end.reply().code()).isZero();
    }

    @Test
    void whoOnlyReadsCannotWrite() throws Exception {
        String id = script("read line; echo $line");
        client.request("JOB", "ATTACH", id, "READONLY");
        assertThat(next(client)).isEqualTo("started " + id + " 0");
        for (String[] word : new String[][] {{"STDIN", "x\n"}, {"EOF"}, {"SIGNAL", "KILL"}}) {
            client.request(word);
            assertThat(next(client)).isEqualTo("error " + id + " this connection only reads the job");
        }
        client.request("PING");
        assertThat(next(client)).isEqualTo("pong");
        assertThat(call(other, "JOB WRITE", id, "0", "y\n")).isEqualTo(new IntegerReply(2));
        assertThat(next(client)).isEqualTo("out " + id + " 0 y\n");
        assertThat(Attached.read(client).reply().state()).isEqualTo("exited");
    }

    @Test
    void aReaderMayDetachToo() throws Exception {
        String id = script("read line");
        client.request("JOB", "ATTACH", id, "READONLY").request("DETACH").request("ECHO", "next");
        assertThat(Attached.read(client).last()).isEqualTo(DETACHED);
        assertThat(client.read()).isEqualTo(BulkString.of("next"));
        assertThat(call(other, "JOB EOF", id)).isEqualTo(SimpleString.OK);
    }

    @Test
    void aStreamedRunCannotBeLeft() throws Exception {
        client.request("RUN", "STREAM", "cat").request("DETACH");
        assertThat(words(Streamed.push(client, "error").values())).contains("DETACH: this command ends with its connection");
        client.request("EOF");
        assertThat(Streamed.readAll(client).reply.state()).isEqualTo("exited");
    }

    @Test
    void whatWasWrittenBeforeADetachIsNotLost() throws Exception {
        String id = script("read go < " + gate() + "; cat"); // reads nothing of its stdin before
        client.request("JOB", "ATTACH", id).request("STDIN", "one ").request("STDIN", "two").request("DETACH");
        assertThat(Attached.read(client).last()).isEqualTo(DETACHED);
        client.request("JOB", "ATTACH", id).request("STDIN", " three").request("EOF");
        open();
        Attached end = Attached.read(client);
        assertThat(end.out().toString()).isEqualTo("one two three");
        assertThat(call(client, "JOB RM", id)).isEqualTo(SimpleString.OK);
        Await.until("all is given back", () -> server.server().service().status().budgetUsedBytes() == 0);
    }

    private Path gate;

    /** A named pipe that holds a script up until {@link #open}. */
    private String gate() throws Exception {
        gate = Files.createTempDirectory("gate").resolve("gate");
        assertThat(new ProcessBuilder("mkfifo", gate.toString()).start().waitFor()).isZero();
        return gate.toString();
    }

    private void open() throws IOException {
        Files.writeString(gate, "go\n", StandardOpenOption.WRITE);
        Files.delete(gate);
        Files.delete(gate.getParent());
    }

    @Test
    void aHalfCloseDetachesAndTheJobGoesOn() throws Exception {
        String id = script("printf first; read line; echo $line");
        client.request("JOB", "ATTACH", id);
        Streamed.push(client, "out");
        client.halfClose();
        assertThat(Attached.read(client).last()).isEqualTo(DETACHED);
        assertThat(client.readToEnd()).isEmpty();
        assertThat(call(other, "JOB WRITE", id, "0", "on\n")).isEqualTo(new IntegerReply(3));
        assertThat(other.run("JOB", "WAIT", id).code()).isZero();
    }

    @Test
    void aResetLeavesTheJobAlone() throws Exception {
        String id = script("printf first; read line; echo $line");
        client.request("JOB", "ATTACH", id);
        Streamed.push(client, "out");
        client.reset();
        Await.until("it is gone", () -> server.server().clients().connected() == 1);
        other.request("JOB", "ATTACH", id).request("STDIN", "on\n");
        Attached end = Attached.read(other);
        assertThat(end.out().toString()).isEqualTo("firston\n");
        assertThat(end.reply().code()).isZero();
    }

    @Test
    void whatIsNotKeptIsAGapOfItsSize() throws Exception {
        String id = job("MAXOUT", "4000", "STDIN", "", "--", "sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x");
        other.run("JOB", "WAIT", id);
        client.request("JOB", "ATTACH", id);
        Attached all = Attached.read(client);
        long at = 0;
        long missing = 0;
        for (String push : all.without("started", "closed", "window")) {
            String[] words = push.split(" ");
            assertThat(words[1]).isEqualTo(id);
            assertThat(Long.parseLong(words[2])).as(words[0] + " without a hole").isEqualTo(at);
            if (words[0].equals("gap")) {
                missing += Long.parseLong(words[3]) - at;
                at = Long.parseLong(words[3]);
            } else {
                at += words[3].length();
            }
        }
        assertThat(at).isEqualTo(100_000);
        assertThat(missing).isEqualTo(96_000).isEqualTo(all.reply().usage().get(6));
        assertThat(all.out().size()).isEqualTo(4000);
    }

    @Test
    void anEndedJobIsToldWholeAndAsItEnded() throws Exception {
        String id = job("STDIN", "", "--", "sh", "-c", "printf done; exit 4");
        other.run("JOB", "WAIT", id);
        client.request("JOB", "ATTACH", id);
        Attached all = Attached.read(client);
        assertThat(all.without("started", "closed")).containsExactly("out " + id + " 0 done");
        assertThat(all.reply().code()).isEqualTo(4);
        client.request("JOB", "ATTACH", id, "FROM", "4");
        assertThat(Attached.read(client).reply().code()).isEqualTo(4);
        client.request("JOB", "ATTACH", id, "TAIL", "0").request("ECHO", "next");
        assertThat(Attached.read(client).reply().code()).isEqualTo(4);
        assertThat(client.read()).isEqualTo(BulkString.of("next"));
    }

    @Test
    void stdinThatCameWithTheJobIsAllThereIs() throws Exception {
        String id = job("STDIN", "given", "--", "sh", "-c", "cat; sleep 600");
        client.request("JOB", "ATTACH", id);
        assertThat(next(client)).isEqualTo("started " + id + " 0");
        assertThat(next(client)).isEqualTo("out " + id + " 0 given");
        client.request("STDIN", "more");
        assertThat(next(client)).isEqualTo("error " + id + " STDIN: the command's stdin came with it");
        client.request("SIGNAL", "KILL");
        Attached end = Attached.read(client);
        assertThat(end.pushes()).containsExactly("signaled " + id + " KILL");
        assertThat(end.reply().state()).isEqualTo("signaled");
    }

    @Test
    void aSlowReaderSlowsNobody() throws Exception {
        int bytes = 8 << 20;
        String id = job("--", "sh", "-c", "read line; head -c " + bytes + " /dev/zero; read line");
        try (RawClient slow = Streamed.connect(server)) {
            slow.request("JOB", "ATTACH", id);
            assertThat(next(slow)).startsWith("started ");
            client.request("JOB", "ATTACH", id).request("STDIN", "go\n");
            awaitOutput(id, bytes); // though nobody has read
            client.request("STDIN", "end\n");
            Attached fast = Attached.read(client);
            assertThat(fast.reply().state()).isEqualTo("exited");
            assertThat(covered(fast, id)).isEqualTo(bytes);
            Attached late = Attached.read(slow);
            assertThat(covered(late, id)).isEqualTo(bytes);
            assertThat(late.last()).isEqualTo(fast.last());
        }
    }

    /** How far the output and the gaps reach, each where the one before has ended. */
    private static long covered(Attached attached, String id) {
        long at = 0;
        for (String push : attached.without("started", "closed", "window")) {
            String[] words = push.split(" ", 4);
            assertThat(List.of(words[1], words[2])).isEqualTo(List.of(id, Long.toString(at)));
            at = words[0].equals("gap") ? Long.parseLong(words[3]) : at + words[3].length();
        }
        return at;
    }

    @Test
    void twoMayWriteAndBothSeeAll() throws Exception {
        String id = script("cat");
        client.request("JOB", "ATTACH", id).request("STDIN", "a");
        assertThat(words(Streamed.push(client, "out").values())).isEqualTo("out " + id + " 0 a");
        other.request("JOB", "ATTACH", id).request("STDIN", "b");
        assertThat(words(Streamed.push(client, "out").values())).isEqualTo("out " + id + " 1 b");
        other.request("EOF");
        assertThat(Attached.read(client).reply().code()).isZero();
        Attached end = Attached.read(other);
        assertThat(end.out().toString()).isEqualTo("ab");
        assertThat(end.reply().code()).isZero();
    }

    @Test
    void inputBeyondTheWindowEndsTheConnectionAndNotTheJob() throws Exception {
        String id = job("--", "sleep", "600");
        client.request("JOB", "ATTACH", id);
        assertThat(next(client)).startsWith("started ");
        client.request("STDIN".getBytes(), new byte[1 << 20]);
        assertThat(client.readToEnd()).contains("-ERR Protocol error: STDIN beyond the window");
        assertThat(call(other, "JOB SIGNAL", id, "KILL")).isEqualTo(SimpleString.OK);
    }

    @Test
    void megabytesGoThroughAnAttachmentWithinItsCredit() throws Exception {
        byte[] input = new byte[2 << 20];
        new Random(9).nextBytes(input);
        String id = job("MAXOUT", "3000000", "--", "cat");
        client.request("JOB", "ATTACH", id);
        Streamed streamed = new Streamed();
        int piece = 16 << 10;
        int sent = 0;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (out.size() < input.length) {
            Push push = (Push) client.read();
            String kind = Streamed.text(push.values().get(1));
            if (kind.equals("out")) {
                out.writeBytes(((BulkString) push.values().get(4)).bytes());
            } else {
                streamed.take(push);
            }
            for (; sent < input.length && streamed.credit >= piece; sent += piece, streamed.credit -= piece) {
                client.request("STDIN".getBytes(), Arrays.copyOfRange(input, sent, sent + piece));
            }
        }
        assertThat(out.toByteArray()).isEqualTo(input);
        client.request("EOF");
        assertThat(Attached.read(client).reply().code()).isZero();
        assertThat(call(other, "JOB RM", id)).isEqualTo(SimpleString.OK);
        Await.until("all is given back", () -> server.server().service().status().budgetUsedBytes() == 0);
    }

    @Test
    void aJobThatWaitsForItsSlotMayBeAttachedTo() throws Exception {
        try (TestServer narrow = TestServer.start(variant, exec -> exec.withMaxRunning(1));
                RawClient first = Streamed.connect(narrow); RawClient starter = narrow.connect();
                RawClient reader = Streamed.connect(narrow)) {
            first.request("RUN", "STREAM", "cat");
            Streamed.push(first, "started");
            starter.request("JOB", "START", "NAME", "late", "--", "cat");
            Await.until("it waits", () -> ((RespValue.ArrayReply) call(reader, "JOB LIST")).values().size() == 1);
            reader.request("JOB", "ATTACH", "late").request("STDIN", "early").request("EOF").request("PING");
            assertThat(next(reader)).isEqualTo("pong");
            first.request("EOF");
            Attached all = Attached.read(reader);
            assertThat(all.pushes().getFirst()).startsWith("started ");
            assertThat(all.out().toString()).isEqualTo("early");
            assertThat(all.reply().code()).isZero();
        }
    }

    @Test
    void whatAnEndedJobHasNotReadIsNotKept() throws Exception {
        String id = job("--", "sleep", "600");
        assertThat(call(other, "JOB WRITE", id, "0", "y".repeat(1 << 20))).isInstanceOf(IntegerReply.class); // full
        client.request("JOB", "ATTACH", id).request("STDIN", "x".repeat(50_000)).request("DETACH");
        assertThat(Attached.read(client).last()).isEqualTo(DETACHED);
        Await.until("it is kept", () -> server.server().service().status().budgetUsedBytes() > 100_000);
        assertThat(call(other, "JOB SIGNAL", id, "KILL")).isEqualTo(SimpleString.OK);
        assertThat(other.run("JOB", "WAIT", id).state()).isEqualTo("signaled");
        Await.until("it is given back", () -> server.server().service().status().budgetUsedBytes() < 20_000);
    }

    @Test
    void aStoppingServerEndsAttachments() throws Exception {
        String id = job("--", "sleep", "600");
        client.request("JOB", "ATTACH", id);
        assertThat(next(client)).startsWith("started ");
        assertThat(server.server().stop(Duration.ofMillis(100)).how()).isEqualTo(StopReport.How.FORCED);
    }

    @Test
    void aStrangersJobIsNone() throws Exception {
        try (TestServer two = TestServer.start(variant, UserPair.access());
                RawClient ada = UserPair.connect(two, "ada"); RawClient bob = UserPair.connect(two, "bob")) {
            String id = Streamed.text(call(ada, "JOB START NAME mine -- cat"));
            bob.call("HELLO", "3");
            assertError(call(bob, "JOB ATTACH", id), "NOJOB no such job '" + id + "'");
            assertError(call(bob, "JOB ATTACH mine"), "NOJOB no such job 'mine'");
            assertThat(call(bob, "JOB START NAME mine -- cat")).as("names are each user's own")
                    .isInstanceOf(BulkString.class);
            ada.call("HELLO", "3");
            ada.request("JOB", "ATTACH", "mine").request("EOF");
            assertThat(Attached.read(ada).reply().code()).isZero();
            call(bob, "JOB EOF mine");
        }
    }

    /** Whether it may be left is known before its turn comes. */
    @Test
    void aStreamedRunThatIsStillToComeCannotBeLeftEither() throws Exception {
        String id = job("--", "cat");
        client.request("JOB", "WAIT", id).request("RUN", "STREAM", "cat").request("DETACH").request("STDIN", "x")
                .request("EOF");
        assertThat(call(other, "JOB EOF", id)).isEqualTo(SimpleString.OK);
        assertThat(Reply.of(client.read()).code()).isZero();
        Streamed streamed = Streamed.readAll(client);
        assertThat(streamed.others).contains("error", "started");
        assertThat(streamed.out.toString()).isEqualTo("x");
        assertThat(streamed.reply.code()).isZero();
    }

    @Test
    void aReaderMayNotWriteBeforeItsTurnEither() throws Exception {
        String first = job("--", "cat");
        String id = job("--", "cat");
        client.request("JOB", "WAIT", first).request("JOB", "ATTACH", id, "READONLY").request("SIGNAL", "KILL")
                .request("STDIN", "x").request("EOF").request("DETACH");
        assertThat(call(other, "JOB EOF", first)).isEqualTo(SimpleString.OK);
        assertThat(Reply.of(client.read()).code()).isZero();
        Attached seen = Attached.read(client);
        assertThat(seen.without("started")).hasSize(3).allMatch(push -> push.endsWith("this connection only reads the job"));
        assertThat(seen.last()).isEqualTo(DETACHED);
        assertThat(call(other, "JOB EOF", id)).isEqualTo(SimpleString.OK);
        assertThat(other.run("JOB", "WAIT", id).code()).isZero();
    }
}
