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

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client may say to its command while that streams: STDIN, EOF, SIGNAL and PING. */
@ParameterizedClass
@EnumSource(Variant.class)
class StreamWordsTest {
    private static final int PIECE = 16 << 10;

    @Parameter
    private Variant variant;

    private final String mark = UUID.randomUUID().toString();
    private TestServer server;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(variant);
        client = Streamed.connect(server);
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void inputMayFollowTheRequestAtOnce() throws Exception {
        client.request("RUN", "STREAM", "cat");
        client.request("STDIN", "a").request("STDIN", "b").request("EOF").request("ECHO", "next");
        Streamed streamed = Streamed.readAll(client);
        assertThat(streamed.out.toString()).isEqualTo("ab");
        assertThat(client.read()).isEqualTo(BulkString.of("next"));
    }

    /** Whether the stream has ended by then is chance, and must not decide how a PING is answered. */
    @Test
    void aPingBehindAnotherRequestIsAnsweredInItsTurn() throws Exception {
        client.request("SH", "STREAM", "read x").request("PING", "to the stream");
        assertThat(Streamed.text(Streamed.push(client, "pong").values().get(2))).isEqualTo("to the stream");
        client.request("ECHO", "behind").request("PING").request("STDIN", "x\n");
        assertThat(Streamed.readAll(client).others).doesNotContain("pong");
        assertThat(client.read()).isEqualTo(BulkString.of("behind"));
        assertThat(client.read()).isEqualTo(new RespValue.SimpleString("PONG"));
    }

    @Test
    void stdinThatCameWithTheCommandIsAllThereIs() throws Exception {
        client.request("RUN", "STREAM", "STDIN", "given", "cat");
        Streamed streamed = Streamed.readAll(client);
        assertThat(streamed.out.toString()).isEqualTo("given");
        assertThat(streamed.credit).isZero();
        client.request("RUN", "STREAM", "STDIN", "", "--", "readlink", "/proc/self/fd/0");
        assertThat(Streamed.readAll(client).out.toString()).isEqualTo("/dev/null\n");
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
        Await.until("nothing is kept", () -> server.server().service().status().budgetUsedBytes() == 0);
    }

    @Test
    void inputBeyondTheCreditEndsCommandAndConnection() throws Exception {
        client.request("RUN", "STREAM", "ENV", "MARK", mark, "sleep", "600");
        Streamed.push(client, "started");
        client.request("STDIN".getBytes(), new byte[1 << 20]);
        assertThat(Streamed.readAll(client).reply.state()).isEqualTo("cancelled");
        assertThat(client.read()).isEqualTo(
                new RespValue.ErrorReply("ERR Protocol error: STDIN beyond the window"));
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
        Await.until("nothing is kept", () -> server.server().service().status().budgetUsedBytes() == 0);
    }

    @Test
    void aProgramThatClosesItsStdinIsReported() throws Exception {
        client.request("SH", "STREAM", "exec <&-; echo closed; sleep 600");
        Streamed.push(client, "out");
        client.request("STDIN", "nobody reads this");
        Streamed.push(client, "closed");
        client.request("SIGNAL", "KILL");
        assertThat(Streamed.readAll(client).reply.state()).isEqualTo("signaled");
    }

    @Test
    void signalsReachTheGroup() throws Exception {
        client.request("SH", "STREAM", "ENV", "MARK", mark, "echo up; sleep 600 | sleep 600");
        Streamed.push(client, "out");
        client.request("SIGNAL", "TERM"); // no shell starts a build in the background with this one ignored
        Streamed streamed = Streamed.readAll(client);
        assertThat(streamed.others).contains("signaled");
        assertThat(streamed.reply.state()).isEqualTo("signaled");
        assertThat(streamed.reply.code()).isEqualTo(15);
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
    }

    @Test
    void aSignalBeforeTheStartIsNotLost() throws Exception {
        client.request("RUN", "STREAM", "sleep", "600").request("SIGNAL", "SIGTERM");
        Reply reply = Streamed.readAll(client).reply;
        assertThat(List.of(reply.state(), reply.code())).isEqualTo(List.of("signaled", 15L));
    }

    /** The stream waits for its turn, and so all of these come before its start. */
    @Test
    void signalsBeforeTheStartAreSentInTheirOrderAndAnswered() throws Exception {
        try (TestServer narrow = TestServer.start(variant, exec -> exec.withMaxRunning(1));
                RawClient first = narrow.connect(); RawClient waiting = Streamed.connect(narrow)) {
            first.request("RUN", "sleep", "600");
            Await.until("the first runs", () -> narrow.server().service().status().running() == 1);
            waiting.request("RUN", "STREAM", "sleep", "600").request("SIGNAL", "KILL").request("SIGNAL", "CONT");
            waiting.request("SIGNAL", "NONSENSE").request("PING");
            assertThat(Streamed.text(Streamed.push(waiting, "error").values().get(3))).contains("NONSENSE");
            Streamed.push(waiting, "pong"); // all of them have been heard
            first.reset();
            for (String kind : new String[] {"started", "signaled", "signaled"}) {
                Push next = (Push) waiting.read();
                assertThat(Streamed.text(next.values().get(1))).isEqualTo(kind);
            }
            Reply reply = Streamed.readAll(waiting).reply;
            assertThat(List.of(reply.state(), reply.code())).isEqualTo(List.of("signaled", 9L));
        }
    }

    @Test
    void manySignalsBeforeTheStartAreTooMany() throws Exception {
        try (TestServer narrow = TestServer.start(variant, exec -> exec.withMaxRunning(1));
                RawClient first = narrow.connect(); RawClient waiting = Streamed.connect(narrow)) {
            first.request("RUN", "sleep", "600");
            Await.until("the first runs", () -> narrow.server().service().status().running() == 1);
            waiting.request("RUN", "STREAM", "true");
            for (int i = 0; i < 100; i++) {
                waiting.request("SIGNAL", "CONT");
            }
            assertThat(Streamed.text(Streamed.push(waiting, "error").values().get(3))).contains("has not started");
        }
    }

    @Test
    void aSignalDoesNotQueueBehindUnreadInput() throws Exception {
        client.request("RUN", "STREAM", "sleep", "600");
        long credit = ((IntegerReply) Streamed.push(client, "started").values().get(3)).value();
        client.request("STDIN".getBytes(), new byte[(int) credit]).request("SIGNAL", "9");
        assertThat(Streamed.readAll(client).reply.code()).isEqualTo(9);
    }

    @Test
    void pingIsAnsweredByAPushMeanwhile() throws Exception {
        client.request("RUN", "STREAM", "cat").request("PING").request("PING", "you");
        assertThat(Streamed.push(client, "pong").values()).hasSize(2);
        assertThat(Streamed.push(client, "pong").values().get(2)).isEqualTo(BulkString.of("you"));
        client.request("EOF");
        assertThat(Streamed.readAll(client).reply.code()).isZero();
    }

    @Test
    void mistakesAreAnsweredByPushes() throws Exception {
        client.request("RUN", "STREAM", "STDIN", "x", "--", "sleep", "600");
        Streamed.push(client, "started");
        client.request("SIGNAL", "NONSENSE");
        assertThat(Streamed.text(Streamed.push(client, "error").values().get(3))).contains("NONSENSE");
        client.request("STDIN", "more");
        assertThat(Streamed.text(Streamed.push(client, "error").values().get(3))).contains("STDIN");
        client.request("SIGNAL", "KILL");
        assertThat(Streamed.readAll(client).reply.code()).isEqualTo(9);
    }

    @Test
    void wordsThatComeTooLateGetNoReply() throws Exception {
        assertThat(client.call("EOF")).isInstanceOf(RespValue.ErrorReply.class);
        client.request("RUN", "STREAM", "true");
        Streamed.readAll(client);
        client.request("SIGNAL", "INT").request("STDIN", "x").request("EOF").request("ECHO", "on");
        for (String word : new String[] {"SIGNAL", "STDIN", "EOF"}) {
            assertThat(Streamed.text(Streamed.push(client, "ignored").values().get(2))).isEqualTo(word);
        }
        assertThat(client.read()).isEqualTo(BulkString.of("on"));
    }
}
