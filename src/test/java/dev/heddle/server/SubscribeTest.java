package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** SUBSCRIBE job:id, in both versions of the protocol. */
@ParameterizedClass
@EnumSource(Variant.class)
class SubscribeTest {
    @Parameter
    private Variant variant;

    private TestServer server;
    private RawClient client;
    private RawClient listener;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(variant);
        client = server.connect();
        listener = server.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        listener.close();
        server.close();
    }

    private String start(String script) throws IOException {
        return ((BulkString) client.call("JOB", "START", "--", "sh", "-c", script)).text();
    }

    /** The parts of a message, which is a push in RESP3 and an array in RESP2. */
    private static List<RespValue> parts(RespValue message) {
        return message instanceof Push(List<RespValue> values) ? values : ((ArrayReply) message).values();
    }

    private static String text(RespValue value) {
        return ((BulkString) value).text();
    }

    @Test
    void replaysThenFollowsToTheEnd() throws Exception {
        for (String version : new String[] {"2", "3"}) {
            listener.call("HELLO", version);
            String id = start("echo a; read line; echo $line >&2; exit 3");
            String channel = "job:" + id;
            assertThat(parts(listener.call("SUBSCRIBE", channel))).containsExactly(BulkString.of("subscribe"),
                    BulkString.of(channel), new IntegerReply(1));
            assertThat(parts(listener.read())).containsExactly(BulkString.of("message"), BulkString.of(channel),
                    BulkString.of("out 0\na\n"));
            client.call("JOB", "WRITE", id, "0", "b\n");
            assertThat(text(parts(listener.read()).get(2))).isEqualTo("err 2\nb\n");
            assertThat(text(parts(listener.read()).get(2))).isEqualTo("end exited 3");
            assertThat(parts(listener.call("UNSUBSCRIBE", channel))).as("nothing ends a subscription but its owner")
                    .containsExactly(BulkString.of("unsubscribe"), BulkString.of(channel), new IntegerReply(0));
            listener.call("SUBSCRIBE", channel);
            assertThat(text(parts(listener.read()).get(2))).as("all of it again").isEqualTo("out 0\na\n");
            listener.read();
            listener.read();
            listener.call("UNSUBSCRIBE");
        }
    }

    @Test
    void subscribersOfRespTwoMayDoLittleElse() throws Exception {
        String id = start("read line");
        listener.call("SUBSCRIBE", "job:" + id);
        assertThat(listener.call("RUN", "true")).isInstanceOfSatisfying(ErrorReply.class,
                error -> assertThat(error.text()).startsWith("ERR Can't execute 'run'"));
        assertThat(parts(listener.call("PING", "x"))).containsExactly(BulkString.of("pong"), BulkString.of("x"));
        assertThat(parts(listener.call("UNSUBSCRIBE")).get(0)).isEqualTo(BulkString.of("unsubscribe"));
        assertThat(listener.run("RUN", "echo", "on").out()).isEqualTo("on\n");
        assertThat(parts(listener.call("UNSUBSCRIBE"))).containsExactly(BulkString.of("unsubscribe"),
                RespValue.Null.NULL, new IntegerReply(0));
        client.call("JOB", "EOF", id);
    }

    @Test
    void subscribersOfRespThreeMayDoEverything() throws Exception {
        listener.call("HELLO", "3");
        String id = start("read line; echo $line");
        listener.call("SUBSCRIBE", "job:" + id);
        assertThat(listener.run("RUN", "echo", "on").out()).isEqualTo("on\n");
        listener.request("JOB", "WRITE", id, "0", "x\n");
        // The reply to the write may come before, between and behind the pushes.
        List<RespValue> all = List.of(listener.read(), listener.read(), listener.read());
        assertThat(all).contains(new IntegerReply(2));
        assertThat(all.stream().filter(Push.class::isInstance).map(push -> text(parts(push).get(2))))
                .containsExactly("out 0\nx\n", "end exited 0");
    }

    @Test
    void subscribersAreListedAsSuch() throws Exception {
        String id = start("read line");
        listener.call("SUBSCRIBE", "job:" + id);
        assertThat(text(client.call("CLIENT", "LIST", "TYPE", "pubsub")).lines()).singleElement().asString()
                .contains(" flags=P ", " sub=1 ");
        assertThat(text(client.call("CLIENT", "LIST", "TYPE", "normal")).lines()).singleElement().asString()
                .contains(" flags=N ", " sub=0 ");
        listener.call("UNSUBSCRIBE");
        assertThat(client.call("CLIENT", "LIST", "TYPE", "pubsub")).isEqualTo(BulkString.of(""));
        client.call("JOB", "EOF", id);
    }

    @Test
    void channelsThatAreNoneAreErrors() throws Exception {
        assertThat(listener.call("SUBSCRIBE", "job:none")).isEqualTo(new ErrorReply("NOJOB no such job 'none'"));
        assertThat(listener.call("SUBSCRIBE", "news")).isInstanceOf(ErrorReply.class);
    }

    @Test
    void aListenerThatDoesNotReadIsDroppedAndHarmsNobody() throws Exception {
        try (TestServer impatient = TestServer.start(variant, Optional.empty(),
                limits -> limits.with(limits.connections().withWriteTimeout(Duration.ofMillis(200))));
                RawClient starter = impatient.connect(); RawClient lazy = impatient.connect()) {
            String id = text(starter.call("JOB", "START", "STDIN", "", "--", "head", "-c", "100000000", "/dev/zero"));
            long threads = HostProcesses.threads();
            lazy.request("SUBSCRIBE", "job:" + id);
            assertThat(starter.run("JOB", "WAIT", id).code()).isZero();
            String endless = text(starter.call("JOB", "START", "STDIN", "", "--", "yes"));
            lazy.request("SUBSCRIBE", "job:" + endless);
            Await.until("the lazy one is dropped", () ->
                    text(starter.call("CLIENT", "LIST")).lines().count() == 1);
            starter.call("JOB", "SIGNAL", endless, "KILL");
            Await.until("its threads are gone", Duration.ofSeconds(60), () -> HostProcesses.threads() <= threads + 2);
        }
    }

    @Test
    void aListenerThatLeavesIsForgotten() throws Exception {
        String id = start("sleep 600");
        listener.call("SUBSCRIBE", "job:" + id);
        listener.reset();
        Await.until("it is gone", () -> text(client.call("CLIENT", "LIST")).lines().count() == 1);
        client.call("JOB", "SIGNAL", id, "KILL");
    }
}
