package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.testing.CountedScript;
import dev.heddle.testing.DroppingProxy;
import dev.heddle.testing.DroppingProxy.Ending;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.ByteArrayOutput;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.output.ObjectOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lettuce with its defaults, and a password. It connects again and resends by itself. */
class LettuceTest {
    private static final String PASSWORD = "open sesame";

    @TempDir
    private Path directory;

    private TestServer server;
    private CountedScript script;

    @BeforeEach
    void start() throws Exception {
        server = start(Variant.VIRTUAL_NATIVE);
        script = new CountedScript(directory);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static TestServer start(Variant variant) throws Exception {
        return TestServer.start(variant, Optional.of(PASSWORD), limits -> limits);
    }

    /** A client with one connection, which it takes with it. */
    private record Lettuce(RedisClient client, StatefulRedisConnection<byte[], byte[]> connection)
            implements AutoCloseable {
        static Lettuce connect(int port) {
            RedisClient client = RedisClient.create(RedisURI.Builder.redis("127.0.0.1", port)
                    .withPassword(PASSWORD.toCharArray()).build());
            return new Lettuce(client, client.connect(ByteArrayCodec.INSTANCE));
        }

        /** The words are text or bytes. */
        Object call(String name, Object... words) throws Exception {
            return send(name, words).get(30, TimeUnit.SECONDS);
        }

        List<?> list(String name, Object... words) throws Exception {
            return (List<?>) call(name, words);
        }

        RedisFuture<?> send(String name, Object... words) {
            CommandArgs<byte[], byte[]> arguments = new CommandArgs<>(ByteArrayCodec.INSTANCE);
            for (Object word : words) {
                arguments.add(word instanceof byte[] bytes ? bytes : bytes((String) word));
            }
            // Lettuce has no output that takes a string as well as an array.
            CommandOutput<byte[], byte[], ?> output = words[0].equals("START")
                    ? new ByteArrayOutput<>(ByteArrayCodec.INSTANCE) : new ObjectOutput<>(ByteArrayCodec.INSTANCE);
            return connection.async().dispatch(new Keyword(name), output, arguments);
        }

        @Override
        public void close() {
            client.shutdown(0, 1, TimeUnit.SECONDS);
        }
    }

    private record Keyword(String name) implements ProtocolKeyword {
        @Override
        public byte[] getBytes() {
            return bytes(name);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Object reply) {
        return new String((byte[]) reply, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @EnumSource(Variant.class)
    void commandsAndErrors(Variant variant) throws Exception {
        try (TestServer own = start(variant); Lettuce lettuce = Lettuce.connect(own.port())) {
            assertThat(lettuce.connection().sync().ping()).isEqualTo("PONG");
            assertThat(lettuce.connection().sync().info("server")).contains("heddle_version");
            List<?> run = lettuce.list("RUN", "printf", "%s", "a b");
            assertThat(text(run.get(0))).isEqualTo("exited");
            assertThat(run.get(1)).isEqualTo(0L);
            assertThat(text(run.get(2))).isEqualTo("a b");
            List<?> sh = lettuce.list("SH", "echo $1 >&2; exit 3", "x");
            assertThat(sh.get(1)).isEqualTo(3L);
            assertThat(text(sh.get(3))).isEqualTo("x\n");
            assertThatThrownBy(() -> lettuce.call("RUN", "no-such-program"))
                    .hasCauseInstanceOf(RedisCommandExecutionException.class).hasMessageContaining("NOTFOUND");
            assertThat(lettuce.connection().sync().ping()).isEqualTo("PONG");
        }
    }

    @Test
    void everyByteGoesBothWays() throws Exception {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        try (Lettuce lettuce = Lettuce.connect(server.port())) {
            assertThat((byte[]) lettuce.list("RUN", "STDIN", all, "--", "cat").get(2)).isEqualTo(all);
        }
    }

    @Test
    void aJobIsReadToItsEnd() throws Exception {
        try (Lettuce lettuce = Lettuce.connect(server.port())) {
            String id = text(lettuce.call("JOB", "START", "--", "sh", "-c",
                    "for i in 1 2 3; do echo $i; sleep 0.1; done; echo err >&2; exit 3"));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            List<?> page;
            String cursor = "0";
            do {
                page = lettuce.list("JOB", "READ", id, cursor, "BLOCK", "1000");
                cursor = page.get(0).toString();
                for (Object chunk : (List<?>) page.get(3)) {
                    List<?> parts = (List<?>) chunk;
                    (parts.get(0).equals(1L) ? out : err).writeBytes((byte[]) parts.get(2));
                }
            } while (text(page.get(1)).equals("running"));
            assertThat(text(page.get(1))).isEqualTo("exited");
            assertThat(page.get(2)).isEqualTo(3L);
            assertThat(out).hasToString("1\n2\n3\n");
            assertThat(err).hasToString("err\n");
        }
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void aJobIsListenedTo(ProtocolVersion protocol) throws Exception {
        try (Lettuce lettuce = Lettuce.connect(server.port())) {
            lettuce.client().setOptions(ClientOptions.builder().protocolVersion(protocol).build());
            String channel = "job:" + text(lettuce.call("JOB", "START", "--", "printf", "a\\0\\377"));
            BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
            try (StatefulRedisPubSubConnection<byte[], byte[]> listening =
                    lettuce.client().connectPubSub(ByteArrayCodec.INSTANCE)) {
                listening.addListener(new RedisPubSubAdapter<>() {
                    @Override
                    public void message(byte[] from, byte[] message) {
                        messages.add(message);
                    }
                });
                listening.sync().subscribe(bytes(channel));
                assertThat(messages.poll(20, TimeUnit.SECONDS))
                        .isEqualTo("out 0\na\0\u00ff".getBytes(StandardCharsets.ISO_8859_1));
                assertThat(messages.poll(20, TimeUnit.SECONDS)).isEqualTo(bytes("end exited 0"));
                listening.sync().unsubscribe(bytes(channel));
                assertThatThrownBy(() -> listening.sync().subscribe(bytes("job:none")))
                        .isInstanceOf(RedisCommandExecutionException.class).hasMessageStartingWith("NOJOB");
                assertThat(listening.sync().ping()).isEqualTo("PONG");
            }
        }
    }

    @Test
    void aRunThatIsResentWhileItRunsRunsOnce() throws Exception {
        try (DroppingProxy proxy = DroppingProxy.droppingOnce(server.port(), "id-1", Ending.CLOSE,
                () -> script.runs() == 1)) {
            List<?> reply = (List<?>) resent(proxy, "RUN", "ID", "id-1", "--", "sh", "-c", script.text());
            assertThat(text(reply.get(2))).matches("[0-9]+\n");
            assertRanOnce(reply, "RUN", "ID", "id-1", "--", "sh", "-c", script.text());
        }
    }

    @Test
    void aScriptWhoseReplyIsLostRunsOnce() throws Exception {
        script.letGo();
        try (DroppingProxy proxy = DroppingProxy.losingTheReply(server.port(), "id-2", Ending.CLOSE)) {
            List<?> reply = (List<?>) resent(proxy, "SH", "ID", "id-2", "--", script.text());
            assertThat(text(reply.get(2))).matches("[0-9]+\n");
            assertRanOnce(reply, "SH", "ID", "id-2", "--", script.text());
        }
    }

    @Test
    void aJobWhoseIdIsLostIsStartedOnce() throws Exception {
        script.letGo();
        try (DroppingProxy proxy = DroppingProxy.losingTheReply(server.port(), "id-3", Ending.CLOSE)) {
            Object job = resent(proxy, "JOB", "START", "ID", "id-3", "--", "sh", "-c", script.text());
            try (Lettuce lettuce = Lettuce.connect(server.port())) {
                assertThat(lettuce.list("JOB", "WAIT", text(job)).get(1)).isEqualTo(0L);
                assertThat(lettuce.list("JOB", "LIST")).hasSize(1);
            }
            assertRanOnce(job, "JOB", "START", "ID", "id-3", "--", "sh", "-c", script.text());
        }
    }

    /** After a reset it leaves the resending to its user. */
    @Test
    void aRunWhoseConnectionIsResetIsSafeToSendAgain() throws Exception {
        script.letGo();
        try (DroppingProxy proxy = DroppingProxy.losingTheReply(server.port(), "id-4", Ending.RESET);
                Lettuce lettuce = Lettuce.connect(proxy.port())) {
            Object[] words = {"ID", "id-4", "--", "sh", "-c", script.text()};
            assertThatThrownBy(() -> lettuce.call("RUN", words)).hasCauseInstanceOf(IOException.class);
            assertRanOnce(lettuce.call("RUN", words), "RUN", words);
        }
    }

    /** The reply to one call, whose connection was lost after the server had received it. */
    private Object resent(DroppingProxy proxy, String name, Object... words) throws Exception {
        try (Lettuce lettuce = Lettuce.connect(proxy.port())) {
            RedisFuture<?> reply = lettuce.send(name, words);
            proxy.awaitDrop();
            script.letGo();
            Object answer = reply.get(30, TimeUnit.SECONDS);
            assertThat(proxy.marked()).as("requests").isEqualTo(2);
            return answer;
        }
    }

    /** The reply is that of the one run: whoever asks again gets the same, its usage included. */
    private void assertRanOnce(Object reply, String name, Object... words) throws Exception {
        try (Lettuce lettuce = Lettuce.connect(server.port())) {
            assertThat(lettuce.call(name, words)).usingRecursiveComparison().isEqualTo(reply);
        }
        assertThat(script.runs()).isEqualTo(1);
    }
}
