package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.ObjectOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;

/** Clients that were not written for Heddle, with their defaults. */
@ParameterizedClass
@EnumSource(Variant.class)
class ClientLibrariesTest {
    private static final String PASSWORD = "open sesame";

    @Parameter
    private Variant variant;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(variant, Optional.of(PASSWORD), limits -> limits);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void jedis() {
        HostAndPort address = new HostAndPort("127.0.0.1", server.port());
        try (Jedis jedis = new Jedis(address, DefaultJedisClientConfig.builder().password(PASSWORD).build())) {
            assertThat(jedis.ping()).isEqualTo("PONG");
            jedis.select(0);
            assertThat(jedis.info("replication")).contains("role:master");
            List<?> reply = (List<?>) jedis.sendCommand(() -> bytes("RUN"), "printf", "a\\0b");
            assertThat((byte[]) reply.get(0)).isEqualTo(bytes("exited"));
            assertThat(reply.get(1)).isEqualTo(0L);
            assertThat((byte[]) reply.get(2)).isEqualTo(new byte[] {'a', 0, 'b'});
            assertThat((List<?>) reply.get(4)).hasSize(7);
            List<?> script = (List<?>) jedis.sendCommand(() -> bytes("SH"), "echo $1 >&2; exit 3", "x");
            assertThat(script.get(1)).isEqualTo(3L);
            assertThat((byte[]) script.get(3)).isEqualTo(bytes("x\n"));
            assertThatThrownBy(() -> jedis.sendCommand(() -> bytes("RUN"), "no-such-program"))
                    .isInstanceOf(JedisDataException.class).hasMessageStartingWith("NOTFOUND program");
            assertThat(jedis.ping()).isEqualTo("PONG");
        }
    }

    @Test
    void lettuce() {
        RedisClient client = RedisClient.create(RedisURI.Builder.redis("127.0.0.1", server.port())
                .withPassword(PASSWORD.toCharArray()).build());
        try (StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE)) {
            assertThat(connection.sync().ping()).isEqualTo("PONG");
            assertThat(connection.sync().info("server")).contains("heddle_version");
            List<?> reply = dispatch(connection, "RUN", "printf", "a\\0b");
            assertThat(reply.get(1)).isEqualTo(0L);
            assertThat((byte[]) reply.get(2)).isEqualTo(new byte[] {'a', 0, 'b'});
            assertThat(dispatch(connection, "SH", "exit 3").get(1)).isEqualTo(3L);
            assertThatThrownBy(() -> dispatch(connection, "RUN", "no-such-program"))
                    .isInstanceOf(RedisCommandExecutionException.class).hasMessageStartingWith("NOTFOUND");
        } finally {
            client.shutdown(0, 1, TimeUnit.SECONDS);
        }
    }

    private static List<?> dispatch(StatefulRedisConnection<byte[], byte[]> connection, String name,
                                    String... words) {
        CommandArgs<byte[], byte[]> arguments = new CommandArgs<>(ByteArrayCodec.INSTANCE);
        for (String word : words) {
            arguments.add(word);
        }
        ProtocolKeyword keyword = new ProtocolKeyword() {
            @Override
            public byte[] getBytes() {
                return bytes(name);
            }

            @Override
            public String toString() {
                return name;
            }
        };
        return (List<?>) connection.sync().dispatch(keyword, new ObjectOutput<>(ByteArrayCodec.INSTANCE),
                arguments);
    }

    @Test
    void redisCli() throws Exception {
        assertThat(redisCli("PING")).isEqualTo("PONG\n");
        assertThat(redisCli("RUN", "printf", "a b").lines().limit(3)).containsExactly("exited", "0", "a b");
        assertThat(redisCli("-3", "SH", "echo out; echo err >&2; exit 3").lines().limit(6))
                .containsExactly("exited", "3", "out", "", "err", "");
        assertThat(redisCli("RUN", "no-such-program")).startsWith("NOTFOUND program 'no-such-program'");
        assertThat(redisCli("-x", "RUN", "sh", "-c", "printf %s \"$1\"", "sh").lines().toList().get(2))
                .isEqualTo("from stdin");
    }

    @Test
    void redisBenchmark() throws Exception {
        assertThat(tool("redis-benchmark", "-q", "-c", "50", "-n", "5000", "-t", "ping_mbulk"))
                .contains("PING_MBULK").contains("requests per second").doesNotContain("rror", "WARN");
        assertThat(tool("redis-benchmark", "-q", "-c", "32", "-n", "300", "RUN", "/bin/true"))
                .contains("requests per second").doesNotContain("rror", "WARN");
    }

    private String redisCli(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("--no-auth-warning"));
        all.addAll(List.of(arguments));
        return tool("redis-cli", all.toArray(String[]::new));
    }

    private String tool(String name, String... arguments) throws IOException, InterruptedException {
        boolean installed = Stream.of("/usr/bin", "/usr/local/bin")
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
        if (System.getenv("HEDDLE_REQUIRE_CLIENTS") == null) {
            assumeThat(installed).as(name + " is installed").isTrue();
        }
        List<String> command = new ArrayList<>(List.of(name, "-p", Integer.toString(server.port()), "-a", PASSWORD));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Process process = builder.start();
        process.getOutputStream().write(bytes("from stdin"));
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return output;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
