package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** RUN STREAM: output as it comes, and then the end. */
@ParameterizedClass
@EnumSource(Variant.class)
class StreamTest {
    @Parameter
    private Variant variant;

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
    void bothStreamsAndTheEnd() throws Exception {
        client.request("RUN", "STREAM", "--", "sh", "-c", "echo out; echo err >&2; exit 7");
        Streamed streamed = Streamed.readAll(client);
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
        Push first = Streamed.push(client, "out");
        assertThat(Streamed.text(first.values().get(3))).isEqualTo("first\n");
        client.request("STDIN", "it\n");
        assertThat(Streamed.text(Streamed.push(client, "out").values().get(3))).isEqualTo("got it\n");
        assertThat(Streamed.readAll(client).reply.code()).isZero();
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
                    .isEqualTo(new RespValue.ErrorReply(
                            "ERR STREAM needs RESP3: send HELLO 3 first, and wait for its reply"));
            assertThat(old.call("PING")).isEqualTo(new RespValue.SimpleString("PONG"));
        }
        assertThat(server.server().service().status().budgetUsedBytes()).isZero();
    }

    @Test
    void timeoutComesBehindAllOutput() throws Exception {
        client.request("RUN", "STREAM", "TIMEOUT", "300", "--", "sh", "-c", "echo a; sleep 60 | cat");
        Streamed streamed = Streamed.readAll(client);
        assertThat(streamed.out.toString()).isEqualTo("a\n");
        assertThat(streamed.reply.state()).isEqualTo("timeout");
    }
}
