package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** RUN STREAM: output as it comes, input while it runs, and nothing lost on the way. */
@ParameterizedClass
@EnumSource(Variant.class)
class StreamTest {
    private static final int PIECE = 16 << 10;

    @Parameter
    private Variant variant;

    private final String mark = UUID.randomUUID().toString();
    private TestServer server;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(variant);
        client = connect();
    }

    private RawClient connect() throws IOException {
        RawClient connected = server.connect();
        connected.call("HELLO", "3");
        return connected;
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    /** What a streaming command has sent until its reply. */
    private static final class Streamed {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final ByteArrayOutputStream err = new ByteArrayOutputStream();
        final List<String> others = new ArrayList<>(); // kinds of the other pushes, in order
        long credit;
        Reply reply;

        /** Takes one value; false once the reply has come. */
        boolean take(RespValue value) {
            if (!(value instanceof Push(List<RespValue> parts))) {
                reply = Reply.of(value);
                return false;
            }
            assertThat(text(parts.get(0))).isEqualTo("heddle");
            switch (text(parts.get(1))) {
                case "out" -> out.writeBytes(((BulkString) parts.get(3)).bytes());
                case "err" -> err.writeBytes(((BulkString) parts.get(3)).bytes());
                case "started", "window" -> {
                    credit += ((IntegerReply) parts.get(3)).value();
                    others.add(text(parts.get(1)));
                }
                case String other -> others.add(other);
            }
            return true;
        }

        static String text(RespValue value) {
            return ((BulkString) value).text();
        }
    }

    private static Streamed readAll(RawClient client) throws IOException {
        Streamed streamed = new Streamed();
        while (streamed.take(client.read())) {
            // until the reply
        }
        return streamed;
    }

    private static Push push(RawClient client, String kind) throws IOException {
        while (true) {
            Push push = (Push) client.read();
            if (Streamed.text(push.values().get(1)).equals(kind)) {
                return push;
            }
        }
    }

    @Test
    void bothStreamsAndTheEnd() throws Exception {
        client.request("RUN", "STREAM", "--", "sh", "-c", "echo out; echo err >&2; exit 7");
        Streamed streamed = readAll(client);
        assertThat(streamed.out.toString()).isEqualTo("out\n");
        assertThat(streamed.err.toString()).isEqualTo("err\n");
        assertThat(streamed.others.getFirst()).isEqualTo("started");
        assertThat(streamed.reply.state()).isEqualTo("exited");
        assertThat(streamed.reply.code()).isEqualTo(7);
        assertThat(streamed.reply.stdout()).isEmpty();
        assertThat(streamed.reply.usage().subList(4, 7)).containsExactly(4L, 4L, 0L);
        assertThat(client.call("PING")).isEqualTo(new RespValue.SimpleString("PONG"));
    }

    @Test
    void whatComesBehindAStreamThatResp2CannotHaveIsAnsweredAsEver() throws Exception {
        try (RawClient old = server.connect()) {
            old.send("RUN STREAM true\r\nPING\r\nEOF\r\nECHO end\r\n");
            assertThat(old.read().toString()).contains("STREAM needs RESP3");
            assertThat(old.read()).isEqualTo(new RespValue.SimpleString("PONG"));
            assertThat(old.read().toString()).contains("no command streams on this connection");
            assertThat(old.read()).isEqualTo(BulkString.of("end"));
            old.send("SH 'sleep 0.1'\r\nRUN STREAM true\r\nPING\r\n"); // here the lane is busy
            assertThat(Reply.of(old.read()).code()).isZero();
            assertThat(old.read().toString()).contains("STREAM needs RESP3");
            assertThat(old.read()).isEqualTo(new RespValue.SimpleString("PONG"));
        }
    }

    @Test
    void outputComesWhileTheCommandRuns() throws Exception {
        client.request("SH", "STREAM", "echo first; read line; echo got $line");
        Push first = push(client, "out");
        assertThat(Streamed.text(first.values().get(3))).isEqualTo("first\n");
        client.request("STDIN", "it\n");
        assertThat(Streamed.text(push(client, "out").values().get(3))).isEqualTo("got it\n");
        assertThat(readAll(client).reply.code()).isZero();
    }

    @Test
    void inputMayFollowTheRequestAtOnce() throws Exception {
        client.request("RUN", "STREAM", "cat");
        client.request("STDIN", "a").request("STDIN", "b").request("EOF").request("ECHO", "next");
        Streamed streamed = readAll(client);
        assertThat(streamed.out.toString()).isEqualTo("ab");
        assertThat(client.read()).isEqualTo(BulkString.of("next"));
    }

    @Test
    void stdinThatCameWithTheCommandIsAllThereIs() throws Exception {
        client.request("RUN", "STREAM", "STDIN", "given", "cat");
        Streamed streamed = readAll(client);
        assertThat(streamed.out.toString()).isEqualTo("given");
        assertThat(streamed.credit).isZero();
        client.request("RUN", "STREAM", "STDIN", "", "--", "readlink", "/proc/self/fd/0");
        assertThat(readAll(client).out.toString()).isEqualTo("/dev/null\n");
    }

    @Test
    void megabytesGoThroughWithinTheCredit() throws Exception {
        byte[] input = new byte[5 << 20];
        new Random(5).nextBytes(input);
        client.request("RUN", "STREAM", "cat");
        Streamed streamed = new Streamed();
        int sent = 0;
        while (streamed.reply == null) {
            if (sent < input.length && streamed.credit >= PIECE) {
                int n = Math.min(PIECE, input.length - sent);
                client.request("STDIN".getBytes(), Arrays.copyOfRange(input, sent, sent + n));
                sent += n;
                streamed.credit -= n;
                if (sent == input.length) {
                    client.request("EOF");
                }
            } else {
                streamed.take(client.read());
            }
        }
        assertThat(streamed.out.toByteArray()).isEqualTo(input);
        Await.until("nothing is kept", () -> server.server().runner().budget().reservedBytes() == 0);
    }

    @Test
    void inputBeyondTheCreditEndsCommandAndConnection() throws Exception {
        client.request("RUN", "STREAM", "ENV", "MARK", mark, "sleep", "600");
        push(client, "started");
        client.request("STDIN".getBytes(), new byte[1 << 20]);
        assertThat(readAll(client).reply.state()).isEqualTo("cancelled");
        assertThat(client.read()).isEqualTo(
                new RespValue.ErrorReply("ERR Protocol error: STDIN beyond the window"));
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
    }

    @Test
    void signalsReachTheGroup() throws Exception {
        client.request("SH", "STREAM", "ENV", "MARK", mark, "echo up; sleep 600 | sleep 600");
        push(client, "out");
        client.request("SIGNAL", "TERM"); // no shell starts a build in the background with this one ignored
        Streamed streamed = readAll(client);
        assertThat(streamed.others).contains("signaled");
        assertThat(streamed.reply.state()).isEqualTo("signaled");
        assertThat(streamed.reply.code()).isEqualTo(15);
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
    }

    @Test
    void aSignalBeforeTheStartIsNotLost() throws Exception {
        client.request("RUN", "STREAM", "sleep", "600").request("SIGNAL", "SIGTERM");
        Reply reply = readAll(client).reply;
        assertThat(List.of(reply.state(), reply.code())).isEqualTo(List.of("signaled", 15L));
    }

    @Test
    void aSignalDoesNotQueueBehindUnreadInput() throws Exception {
        client.request("RUN", "STREAM", "sleep", "600");
        long credit = ((IntegerReply) push(client, "started").values().get(3)).value();
        client.request("STDIN".getBytes(), new byte[(int) credit]).request("SIGNAL", "9");
        assertThat(readAll(client).reply.code()).isEqualTo(9);
    }

    @Test
    void pingIsAnsweredByAPushMeanwhile() throws Exception {
        client.request("RUN", "STREAM", "cat").request("PING").request("PING", "you");
        assertThat(push(client, "pong").values()).hasSize(2);
        assertThat(push(client, "pong").values().get(2)).isEqualTo(BulkString.of("you"));
        client.request("EOF");
        assertThat(readAll(client).reply.code()).isZero();
    }

    @Test
    void mistakesAreAnsweredByPushes() throws Exception {
        client.request("RUN", "STREAM", "STDIN", "x", "--", "sleep", "600");
        push(client, "started");
        client.request("SIGNAL", "NONSENSE");
        assertThat(Streamed.text(push(client, "error").values().get(3))).contains("NONSENSE");
        client.request("STDIN", "more");
        assertThat(Streamed.text(push(client, "error").values().get(3))).contains("STDIN");
        client.request("SIGNAL", "KILL");
        assertThat(readAll(client).reply.code()).isEqualTo(9);
    }

    @Test
    void wordsThatComeTooLateGetNoReply() throws Exception {
        assertThat(client.call("EOF")).isInstanceOf(RespValue.ErrorReply.class);
        client.request("RUN", "STREAM", "true");
        readAll(client);
        client.request("SIGNAL", "INT").request("STDIN", "x").request("EOF").request("ECHO", "on");
        for (String word : new String[] {"SIGNAL", "STDIN", "EOF"}) {
            assertThat(Streamed.text(push(client, "ignored").values().get(2))).isEqualTo(word);
        }
        assertThat(client.read()).isEqualTo(BulkString.of("on"));
    }

    @Test
    void whatNeverRanIsAnErrorAndNoPush() throws Exception {
        assertThat(client.call("RUN", "STREAM", "no-such-program")).isInstanceOfSatisfying(
                RespValue.ErrorReply.class, error -> assertThat(error.code()).isEqualTo("NOTFOUND"));
        for (String[] options : new String[][] {{"MAXOUT", "5"}, {"LIMIT", "kill"}, {"ID", "x"}}) {
            assertThat(client.call("RUN", "STREAM", options[0], options[1], "true")).isInstanceOfSatisfying(
                    RespValue.ErrorReply.class, error -> assertThat(error.text()).startsWith("ERR syntax: STREAM"));
        }
        try (RawClient old = server.connect()) {
            assertThat(old.call("RUN", "STREAM", "true"))
                    .isEqualTo(new RespValue.ErrorReply("ERR STREAM needs RESP3: send HELLO 3 first, and wait for its reply"));
            assertThat(old.call("PING")).isEqualTo(new RespValue.SimpleString("PONG"));
        }
        assertThat(server.server().runner().budget().reservedBytes()).isZero();
    }

    @Test
    void aProgramThatClosesItsStdinIsReported() throws Exception {
        client.request("SH", "STREAM", "exec <&-; echo closed; sleep 600");
        push(client, "out");
        client.request("STDIN", "nobody reads this");
        push(client, "closed");
        client.request("SIGNAL", "KILL");
        assertThat(readAll(client).reply.state()).isEqualTo("signaled");
    }

    @Test
    void timeoutComesBehindAllOutput() throws Exception {
        client.request("RUN", "STREAM", "TIMEOUT", "300", "--", "sh", "-c", "echo a; sleep 60 | cat");
        Streamed streamed = readAll(client);
        assertThat(streamed.out.toString()).isEqualTo("a\n");
        assertThat(streamed.reply.state()).isEqualTo("timeout");
    }

    @Test
    void aHalfClosedClientGetsEverything() throws Exception {
        client.request("RUN", "STREAM", "sh", "-c", "cat; echo end").request("STDIN", "x\n").halfClose();
        Streamed streamed = readAll(client);
        assertThat(streamed.out.toString()).isEqualTo("x\nend\n");
        assertThat(streamed.reply.code()).isZero();
    }

    @Test
    void aClientThatLeavesTakesItsCommandWithIt() throws Exception {
        client.request("SH", "STREAM", "ENV", "MARK", mark, "yes | cat");
        push(client, "out");
        client.reset();
        Await.until("the tree is gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
        Await.until("nothing is kept", () -> server.server().runner().budget().reservedBytes() == 0);
    }

    /** The client stops reading for longer than the write timeout: its command waits, and nobody else does. */
    @Test
    void aClientThatPausesHoldsUpOnlyItsOwnCommand() throws Exception {
        int bytes = 24 << 20; // more than all buffers between the two
        try (TestServer impatient = TestServer.start(variant, Optional.empty(),
                limits -> limits.withWriteTimeout(Duration.ofMillis(200)));
                RawClient paused = impatient.connect(); RawClient other = impatient.connect()) {
            paused.call("HELLO", "3");
            paused.request("SH", "STREAM", "ENV", "MARK", mark, "head -c " + bytes + " /dev/zero; echo end >&2");
            Reply echo = other.run("SH", "sleep 1; echo on"); // five times the write timeout
            assertThat(echo.out()).isEqualTo("on\n");
            assertThat(HostProcesses.withVariable("MARK", mark)).as("it waits").isNotEmpty();
            assertThat(impatient.server().runner().budget().reservedBytes()).as("window and request")
                    .isLessThan(300 << 10);
            Streamed streamed = readAll(paused);
            assertThat(streamed.out.size()).isEqualTo(bytes);
            assertThat(streamed.err.toString()).isEqualTo("end\n");
            assertThat(streamed.reply.code()).isZero();
        }
    }

    @Test
    void aPausedClientIsEndedWithTheServer() throws Exception {
        client.request("SH", "STREAM", "ENV", "MARK", mark, "exec yes");
        push(client, "out");
        Await.until("its pipe is full", () -> server.server().runner().running() == 1);
        assertThat(CompletableFuture.supplyAsync(this::stopNow).get(20, TimeUnit.SECONDS))
                .isEqualTo(StopReport.How.FORCED);
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
    }

    private StopReport.How stopNow() {
        try {
            return server.server().stop(Duration.ofMillis(100)).how();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void manyStreamsAtOnce() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                RawClient one = connect();
                clients.add(one);
                one.request("SH", "STREAM", "cat; echo " + i + " >&2").request("STDIN", "in" + i).request("EOF");
            }
            for (int i = 0; i < clients.size(); i++) {
                Streamed streamed = readAll(clients.get(i));
                assertThat(streamed.out.toString()).isEqualTo("in" + i);
                assertThat(streamed.err.toString()).isEqualTo(i + "\n");
            }
        } finally {
            for (RawClient one : clients) {
                one.close();
            }
        }
    }

    /** Clients that vanish at any moment, with their sockets full or empty. */
    @Test
    void disorderedDropsLeaveNothing() throws Exception {
        Random random = new Random(11);
        long descriptors = HostProcesses.descriptors();
        for (int i = 0; i < 60; i++) {
            RawClient one = connect();
            one.request("SH", "STREAM", "ENV", "MARK", mark, random.nextBoolean() ? "yes" : "cat");
            for (int j = random.nextInt(4); j > 0; j--) {
                one.request("STDIN", "x").request("PING");
            }
            if (random.nextBoolean()) {
                push(one, "started");
            }
            Socket socket = one.socket();
            switch (random.nextInt(3)) {
                case 0 -> one.reset();
                case 1 -> socket.close();
                default -> {
                    one.halfClose();
                    one.close();
                }
            }
        }
        Await.until("all is gone", Duration.ofSeconds(30), () -> HostProcesses.withVariable("MARK", mark).isEmpty()
                && server.server().runner().running() == 0);
        Await.until("nothing is kept", () -> server.server().runner().budget().reservedBytes() == 0);
        Await.until("descriptors are back", () -> HostProcesses.descriptors() <= descriptors);
    }
}
