package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heddle.testing.CountedScript;
import dev.heddle.testing.DroppingProxy;
import dev.heddle.testing.DroppingProxy.Ending;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.BufferedReader;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** redis-cli and redis-benchmark, where they are installed; redis-cli prints replies raw, as it does in a pipe. */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class RedisToolsTest {
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

    @ParameterizedTest
    @EnumSource(Variant.class)
    void commandsAndErrors(Variant variant) throws Exception {
        try (TestServer own = start(variant)) {
            int port = own.port();
            assertThat(redisCli(port, "PING")).isEqualTo("PONG\n");
            assertThat(redisCli(port, "RUN", "printf", "a b").lines().limit(3)).containsExactly("exited", "0", "a b");
            assertThat(redisCli(port, "-3", "SH", "echo out; echo err >&2; exit 3").lines().limit(6))
                    .containsExactly("exited", "3", "out", "", "err", "");
            assertThat(redisCli(port, "RUN", "no-such-program")).startsWith("NOTFOUND program 'no-such-program'");
            assertThat(redisCli(port, "-x", "RUN", "sh", "-c", "printf %s \"$1\"", "sh").lines().toList().get(2))
                    .isEqualTo("from stdin");
        }
    }

    @ParameterizedTest
    @EnumSource(Variant.class)
    void redisBenchmark(Variant variant) throws Exception {
        try (TestServer own = start(variant)) {
            assertThat(tool(own.port(), "redis-benchmark", "-q", "-c", "50", "-n", "5000", "-t", "ping_mbulk"))
                    .contains("PING_MBULK").contains("requests per second").doesNotContain("rror", "WARN");
            assertThat(tool(own.port(), "redis-benchmark", "-q", "-c", "32", "-n", "300", "RUN", "/bin/true"))
                    .contains("requests per second").doesNotContain("rror", "WARN");
        }
    }

    @Test
    void everyByteComesBack() throws Exception {
        StringBuilder all = new StringBuilder(256);
        for (char c = 0; c < 256; c++) {
            all.append(c);
        }
        Path file = Files.writeString(directory.resolve("all"), all, StandardCharsets.ISO_8859_1);
        assertThat(redisCli(server.port(), "RUN", "cat", file.toString())).startsWith("exited\n0\n" + all + "\n");
    }

    @Test
    void aJobIsReadToItsEnd() throws Exception {
        String id = redisCli(server.port(), "JOB", "START", "--", "sh", "-c",
                "for i in 1 2 3; do printf $i; sleep 0.1; done; exit 3").strip();
        StringBuilder out = new StringBuilder();
        List<String> page;
        String cursor = "0";
        do {
            page = redisCli(server.port(), "JOB", "READ", id, cursor, "BLOCK", "1000").lines().toList();
            cursor = page.getFirst();
            for (int i = 3; i + 2 < page.size(); i += 3) { // behind cursor, state and code: stream, offset, bytes
                assertThat(page.get(i)).isEqualTo("1");
                assertThat(page.get(i + 1)).isEqualTo(Integer.toString(out.length()));
                out.append(page.get(i + 2));
            }
        } while (page.get(1).equals("running"));
        assertThat(page.subList(1, 3)).containsExactly("exited", "3");
        assertThat(out).hasToString("123");
    }

    @Test
    void aJobIsListenedTo() throws Exception {
        String channel = "job:" + redisCli(server.port(), "JOB", "START", "--", "printf", "a b").strip();
        assertThat(redisCli(server.port(), "SUBSCRIBE", "job:none")).startsWith("NOJOB");
        Process process = new ProcessBuilder(words(server.port(), "redis-cli", "--no-auth-warning"))
                .redirectErrorStream(true).start();
        try (BufferedReader lines = process.inputReader()) {
            process.outputWriter().append("SUBSCRIBE ").append(channel).append('\n').flush();
            List<String> seen = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                seen.add(line);
                if (line.equals("end exited 0")) {
                    break;
                }
            }
            assertThat(seen).containsExactly("subscribe", channel, "1", "message", channel, "out 0", "a b",
                    "message", channel, "end exited 0");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void aRunThatIsResentWhileItRunsRunsOnce() throws Exception {
        try (DroppingProxy proxy = DroppingProxy.droppingOnce(server.port(), "id-1", Ending.RESET,
                () -> script.runs() == 1)) {
            String reply = resent(proxy, "RUN", "ID", "id-1", "--", "sh", "-c", script.text());
            assertThat(reply.lines().limit(2)).containsExactly("exited", "0");
            assertRanOnce(reply, "RUN", "ID", "id-1", "--", "sh", "-c", script.text());
        }
    }

    @Test
    void aScriptWhoseReplyIsLostRunsOnce() throws Exception {
        script.letGo();
        try (DroppingProxy proxy = DroppingProxy.losingTheReply(server.port(), "id-2", Ending.CLOSE)) {
            String reply = resent(proxy, "SH", "ID", "id-2", "--", script.text());
            assertThat(reply.lines().limit(2)).containsExactly("exited", "0");
            assertRanOnce(reply, "SH", "ID", "id-2", "--", script.text());
        }
    }

    @Test
    void aJobWhoseIdIsLostIsStartedOnce() throws Exception {
        script.letGo();
        try (DroppingProxy proxy = DroppingProxy.losingTheReply(server.port(), "id-3", Ending.RESET)) {
            String job = resent(proxy, "JOB", "START", "ID", "id-3", "--", "sh", "-c", script.text());
            assertThat(redisCli(server.port(), "JOB", "WAIT", job.strip()).lines().limit(2))
                    .containsExactly("exited", "0");
            assertRanOnce(job, "JOB", "START", "ID", "id-3", "--", "sh", "-c", script.text());
        }
    }

    /** The reply to the second attempt; the first one must lose its connection. */
    private String resent(DroppingProxy proxy, String... words) throws Exception {
        assertThat(redisCli(proxy.port(), words)).startsWith("Error: ");
        proxy.awaitDrop();
        script.letGo();
        String reply = redisCli(proxy.port(), words);
        assertThat(proxy.marked()).as("requests").isEqualTo(2);
        return reply;
    }

    /** The reply is that of the one run: whoever asks again gets the same, its usage included. */
    private void assertRanOnce(String reply, String... words) throws Exception {
        assertThat(redisCli(server.port(), words)).isEqualTo(reply);
        assertThat(script.runs()).isEqualTo(1);
    }

    private static String redisCli(int port, String... arguments) throws Exception {
        return tool(port, "redis-cli", Stream.concat(Stream.of("--no-auth-warning"), Stream.of(arguments))
                .toArray(String[]::new));
    }

    private static List<String> words(int port, String name, String... arguments) {
        boolean installed = Stream.of("/usr/bin", "/usr/local/bin")
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
        if (System.getenv("HEDDLE_REQUIRE_CLIENTS") == null) {
            assumeThat(installed).as(name + " is installed").isTrue();
        }
        List<String> words = new ArrayList<>(List.of(name, "-p", Integer.toString(port), "-a", PASSWORD));
        words.addAll(List.of(arguments));
        return words;
    }

    /** What the tool prints, every byte one character. */
    private static String tool(int port, String name, String... arguments) throws IOException, InterruptedException {
        Path stdin = Files.writeString(Files.createTempFile("heddle", ".stdin"), "from stdin"); // most do not read it
        Process process = new ProcessBuilder(words(port, name, arguments)).redirectErrorStream(true)
                .redirectInput(stdin.toFile()).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return output;
        } finally {
            process.destroyForcibly();
            Files.delete(stdin);
        }
    }
}
