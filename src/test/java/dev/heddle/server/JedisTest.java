package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.testing.CountedScript;
import dev.heddle.testing.DroppingProxy;
import dev.heddle.testing.DroppingProxy.Ending;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.BinaryJedisPubSub;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/** Jedis with its defaults, and a password. It does not resend by itself, so the test does, as its user would. */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class JedisTest {
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

    private static Jedis connect(int port) {
        return connect(port, DefaultJedisClientConfig.builder());
    }

    private static Jedis connect(int port, DefaultJedisClientConfig.Builder config) {
        return new Jedis(new HostAndPort("127.0.0.1", port), config.password(PASSWORD).build());
    }

    /** The words are text or bytes. */
    private static Object call(Jedis jedis, String name, Object... words) {
        byte[][] arguments = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            arguments[i] = words[i] instanceof byte[] bytes ? bytes : bytes((String) words[i]);
        }
        return jedis.sendCommand(() -> bytes(name), arguments);
    }

    private static List<?> list(Jedis jedis, String name, Object... words) {
        return (List<?>) call(jedis, name, words);
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
        try (TestServer own = start(variant); Jedis jedis = connect(own.port())) {
            assertThat(jedis.ping()).isEqualTo("PONG");
            jedis.select(0);
            assertThat(jedis.info("replication")).contains("role:master");
            List<?> run = list(jedis, "RUN", "printf", "%s", "a b");
            assertThat(text(run.get(0))).isEqualTo("exited");
            assertThat(run.get(1)).isEqualTo(0L);
            assertThat(text(run.get(2))).isEqualTo("a b");
            assertThat((List<?>) run.get(4)).hasSize(7);
            List<?> sh = list(jedis, "SH", "echo $1 >&2; exit 3", "x");
            assertThat(sh.get(1)).isEqualTo(3L);
            assertThat(text(sh.get(3))).isEqualTo("x\n");
            assertThatThrownBy(() -> call(jedis, "RUN", "no-such-program"))
                    .isInstanceOf(JedisDataException.class).hasMessageStartingWith("NOTFOUND program");
            assertThat(jedis.ping()).isEqualTo("PONG");
        }
    }

    @Test
    void everyByteGoesBothWays() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        try (Jedis jedis = connect(server.port())) {
            List<?> reply = list(jedis, "RUN", "STDIN", all, "--", "cat");
            assertThat((byte[]) reply.get(2)).isEqualTo(all);
        }
    }

    @Test
    void aJobIsReadToItsEnd() {
        try (Jedis jedis = connect(server.port())) {
            String id = text(call(jedis, "JOB", "START", "--", "sh", "-c",
                    "for i in 1 2 3; do echo $i; sleep 0.1; done; echo err >&2; exit 3"));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            List<?> page;
            String cursor = "0";
            do {
                page = list(jedis, "JOB", "READ", id, cursor, "BLOCK", "1000");
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
    @EnumSource(RedisProtocol.class)
    void aJobIsListenedTo(RedisProtocol protocol) {
        try (Jedis jedis = connect(server.port(), DefaultJedisClientConfig.builder().protocol(protocol))) {
            String channel = "job:" + text(call(jedis, "JOB", "START", "--", "printf", "a\\0\\377"));
            List<byte[]> messages = new ArrayList<>();
            jedis.subscribe(new BinaryJedisPubSub() {
                @Override
                public void onMessage(byte[] from, byte[] message) {
                    assertThat(text(from)).isEqualTo(channel);
                    messages.add(message);
                    if (text(message).startsWith("end ")) {
                        unsubscribe();
                    }
                }
            }, bytes(channel));
            assertThat(messages).containsExactly(
                    "out 0\na\0\u00ff".getBytes(StandardCharsets.ISO_8859_1), bytes("end exited 0"));
            assertThat(jedis.ping()).isEqualTo("PONG");
            assertThatThrownBy(() -> jedis.subscribe(new BinaryJedisPubSub() {}, bytes("job:none")))
                    .isInstanceOf(JedisDataException.class).hasMessageStartingWith("NOJOB");
        }
    }

    @Test
    void aRunThatIsResentWhileItRunsRunsOnce() throws Exception {
        try (DroppingProxy proxy = DroppingProxy.droppingOnce(server.port(), "id-1", Ending.RESET,
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
        try (DroppingProxy proxy = DroppingProxy.losingTheReply(server.port(), "id-3", Ending.RESET)) {
            Object job = resent(proxy, "JOB", "START", "ID", "id-3", "--", "sh", "-c", script.text());
            try (Jedis jedis = connect(server.port())) {
                assertThat(list(jedis, "JOB", "WAIT", text(job)).get(1)).isEqualTo(0L);
                assertThat(list(jedis, "JOB", "LIST")).hasSize(1);
            }
            assertRanOnce(job, "JOB", "START", "ID", "id-3", "--", "sh", "-c", script.text());
        }
    }

    /** The reply to the second attempt; the first one must lose its connection. */
    private Object resent(DroppingProxy proxy, String name, Object... words) throws Exception {
        try (Jedis jedis = connect(proxy.port())) {
            assertThatThrownBy(() -> call(jedis, name, words)).isInstanceOf(JedisConnectionException.class);
        }
        proxy.awaitDrop();
        script.letGo();
        try (Jedis jedis = connect(proxy.port())) {
            Object reply = call(jedis, name, words);
            assertThat(proxy.marked()).as("requests").isEqualTo(2);
            return reply;
        }
    }

    /** The reply is that of the one run: whoever asks again gets the same, its usage included. */
    private void assertRanOnce(Object reply, String name, Object... words) throws Exception {
        try (Jedis jedis = connect(server.port())) {
            assertThat(call(jedis, name, words)).usingRecursiveComparison().isEqualTo(reply);
        }
        assertThat(script.runs()).isEqualTo(1);
    }
}
