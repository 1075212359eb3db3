package dev.heddle.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.server.Observers;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the audit log has of a server's life, read by a JSON parser of its own. */
class AuditLogTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    private final String secret = UUID.randomUUID().toString();
    private Path file;
    private AuditLog log;

    @BeforeEach
    void open() throws IOException {
        file = directory.resolve("audit.log");
        log = new AuditLog(file);
    }

    @AfterEach
    void close() {
        log.close();
    }

    private TestServer serve(Optional<String> password) throws Exception {
        return TestServer.start(Variant.VIRTUAL_NATIVE, password, limits -> limits,
                Observers.NONE.withCommands(log).withLogins(log));
    }

    /** Everything in a file, every line of which must be a JSON object. */
    private static List<JsonNode> lines(Path file) throws IOException {
        String text = Files.readString(file); // throws on what is no UTF-8
        assertThat(text).endsWith("\n");
        List<JsonNode> lines = new ArrayList<>();
        for (String line : text.lines().toList()) {
            JsonNode node = JSON.readTree(line);
            assertThat(node.isObject()).as(line).isTrue();
            assertThat(Instant.parse(node.get("time").asText())).isBetween(Instant.now().minusSeconds(300),
                    Instant.now());
            lines.add(node);
        }
        return lines;
    }

    private List<JsonNode> closedLog() throws IOException {
        log.close();
        assertThat(log.lost()).isZero();
        return lines(file);
    }

    private static List<JsonNode> ofEvent(List<JsonNode> lines, String event) {
        return lines.stream().filter(line -> line.get("event").asText().equals(event)).toList();
    }

    @Test
    void everyCommandIsThereExactlyOnce() throws Exception {
        int clients = 16;
        int each = 25;
        try (TestServer server = serve(Optional.empty()); ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<Void>> done = new ArrayList<>();
            for (int c = 0; c < clients; c++) {
                int number = c;
                done.add(threads.submit(() -> {
                    try (RawClient client = server.connect()) {
                        for (int i = 0; i < each; i++) {
                            String word = number + "/" + i;
                            assertThat(client.run("RUN", "sh", "-c", "exit " + i % 7, word).code()).isEqualTo(i % 7);
                        }
                    }
                    return null;
                }));
            }
            for (Future<Void> future : done) {
                future.get();
            }
        }
        List<JsonNode> lines = closedLog();
        Set<String> words = new HashSet<>();
        Set<String> ids = new HashSet<>();
        for (JsonNode start : ofEvent(lines, "start")) {
            assertThat(words.add(start.get("argv").get(3).asText())).as("once").isTrue();
            assertThat(ids.add(start.get("id").asText())).isTrue();
        }
        assertThat(words).hasSize(clients * each);
        for (JsonNode end : ofEvent(lines, "end")) {
            assertThat(ids.remove(end.get("id").asText())).as("a start, and one end").isTrue();
            assertThat(end.get("outcome").asText()).isEqualTo("exited");
            assertThat(end.get("wall_us").asLong()).isPositive();
        }
        assertThat(ids).isEmpty();
        assertThat(lines).hasSize(2 * clients * each);
    }

    @Test
    void aLineTellsWhatRanForWhom() throws Exception {
        String peer;
        try (TestServer server = serve(Optional.of(secret)); RawClient client = server.connect()) {
            peer = "127.0.0.1:" + client.socket().getLocalPort();
            client.call("AUTH", "wrong " + secret.substring(0, 8));
            client.call("AUTH", secret);
            client.run("SH", "CWD", "/tmp", "ENV", "KEY", "value-" + secret, "STDIN", "stdin-" + secret, "TIMEOUT",
                    "60000", "--", "cat >/dev/null; printf 12345; kill -9 $$", "an argument");
            client.call("RUN", "no-such-program");
        }
        List<JsonNode> lines = closedLog();
        assertThat(lines).extracting(line -> line.get("event").asText())
                .containsExactly("login", "login", "start", "end", "refused");
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.get("user").asText()).isEqualTo("default");
            assertThat(line.get("peer").asText()).isEqualTo(peer);
        });
        assertThat(lines.get(0).get("ok").asBoolean()).isFalse();
        assertThat(lines.get(1).get("ok").asBoolean()).isTrue();
        JsonNode start = lines.get(2);
        assertThat(start.get("argv")).extracting(JsonNode::asText).containsExactly("/bin/sh", "-c",
                "cat >/dev/null; printf 12345; kill -9 $$", "sh", "an argument");
        assertThat(start.get("cwd").asText()).isEqualTo("/tmp");
        assertThat(start.get("env_names")).extracting(JsonNode::asText).containsExactly("KEY");
        assertThat(start.get("timeout_ms").asLong()).isEqualTo(60_000);
        assertThat(start.get("protocol").asText()).isEqualTo("resp");
        JsonNode end = lines.get(3);
        assertThat(end.get("id")).isEqualTo(start.get("id"));
        assertThat(end.get("outcome").asText()).isEqualTo("signaled");
        assertThat(end.get("signal").asInt()).isEqualTo(9);
        assertThat(end.get("stdout_bytes").asLong()).isEqualTo(5);
        assertThat(lines.get(4).get("reason").asText()).isEqualTo("program_not_found");
        assertThat(Files.readString(file)).doesNotContain(secret);
    }

    @Test
    void jobsAndStreamsAndRunsWithAnIdAreThereToo() throws Exception {
        try (TestServer server = serve(Optional.empty()); RawClient client = server.connect()) {
            client.call("HELLO", "3");
            client.call("JOB", "START", "--", "echo", "job");
            client.run("RUN", "ID", "x", "--", "echo", "once");
            client.run("RUN", "ID", "x", "--", "echo", "once"); // the same run, not another one
            client.request("RUN", "STREAM", "--", "echo", "stream");
            client.request("PING");
            Await.until("all ended", () -> server.server().service().status().ended().getOrDefault("exited", 0L) == 3);
        }
        List<JsonNode> lines = closedLog();
        assertThat(ofEvent(lines, "start")).extracting(line -> line.get("argv").get(1).asText())
                .containsExactlyInAnyOrder("job", "once", "stream");
        assertThat(ofEvent(lines, "end")).hasSize(3);
    }

    @Test
    void hostileWordsBreakNoLine() throws Exception {
        byte[] notUtf8 = {'a', (byte) 0xff, '\n', '"', (byte) 0xc3};
        String evil = "\"}\n{\"event\":\"login\",\001\u001b[2J\u2028 好";
        String unseen = "\u007f\u0080\u009b2J\u2028\u2029\u061c\u200e\u200f\u202a\u202e\u2066\u2069\u200b\ufeff"
                + new String(Character.toChars(0xe0041));
        try (TestServer server = serve(Optional.of(secret)); RawClient client = server.connect()) {
            client.call("AUTH", evil, "x");
            client.call("AUTH", unseen, "x");
            client.call("AUTH", secret);
            client.call("RUN", "CWD", "/" + unseen, "ENV", unseen, "x", "true", unseen, evil);
            client.call("RUN", "CWD", "/" + "n".repeat(16_000), "true");
            client.request("RUN".getBytes(StandardCharsets.US_ASCII), "echo".getBytes(StandardCharsets.US_ASCII),
                    notUtf8, "好\n".getBytes(StandardCharsets.UTF_8)).read();
            client.run("RUN", "true", "好".repeat(30_000), "more");
        }
        List<JsonNode> lines = closedLog();
        assertThat(lines.get(0).get("user").asText()).as("whatever it was").isEqualTo("(unknown)");
        assertThat(lines.get(1).get("user").asText()).isEqualTo("(unknown)");
        JsonNode refused = ofEvent(lines, "refused").getFirst();
        assertThat(refused.get("argv")).extracting(JsonNode::asText).containsExactly("true", unseen, evil);
        assertThat(refused.get("cwd").asText()).isEqualTo("/" + unseen);
        assertThat(refused.get("env_names").get(0).asText()).isEqualTo(unseen);
        assertThat(refused.get("message").asText()).contains(unseen);
        assertThat(ofEvent(lines, "refused").get(1).get("cwd").asText().length()).isBetween(4000, 4200);
        assertThat(Files.readString(file).replace("\n", "")).as("no character that cannot be seen")
                .doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");
        List<JsonNode> starts = ofEvent(lines, "start");
        assertThat(starts.get(0).get("argv")).extracting(JsonNode::asText)
                .containsExactly("echo", "a\\xff\\x0a\"\\xc3", "好\n");
        JsonNode cut = starts.get(1);
        assertThat(cut.get("argv")).hasSize(2);
        assertThat(cut.get("argv").get(1).asText()).matches("好+…").hasSizeBetween(10_000, 11_000);
        assertThat(cut.get("argv_words").asInt()).isEqualTo(3);
        assertThat(cut.get("argv_bytes").asInt()).isEqualTo(90_008);
        assertThat(cut.get("argv_sha256").asText()).hasSize(64);
        assertThat(lines).hasSize(3 + 2 + 2 * 2);
    }

    @Test
    void theFileIsPrivateAndCanBeRotated() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        Path old = directory.resolve("audit.log.1");
        log.loggedIn("before", "x");
        Await.until("written", () -> Files.size(file) > 0);
        Files.move(file, old);
        log.reopen();
        Await.until("a new file", () -> Files.exists(file));
        log.loggedIn("after", "x");
        assertThat(closedLog()).extracting(line -> line.get("user").asText()).containsExactly("after");
        assertThat(lines(old)).extracting(line -> line.get("user").asText()).containsExactly("before");
        try (AuditLog again = new AuditLog(file)) {
            again.loggedIn("appended", "x");
        }
        assertThat(lines(file)).extracting(line -> line.get("user").asText()).containsExactly("after", "appended");
    }

    @Test
    void aLineThatWasCutShortIsNotContinued() throws Exception {
        Path old = directory.resolve("torn.log");
        Files.writeString(old, "{\"event\":\"log");
        try (AuditLog again = new AuditLog(old)) {
            again.loggedIn("me", "x");
        }
        List<String> lines = Files.readAllLines(old);
        assertThat(lines).hasSize(2);
        assertThat(JSON.readTree(lines.get(1)).get("user").asText()).isEqualTo("me");
    }

    @Test
    void aFullDiskStopsNoCommandAndIsCounted() throws Exception {
        long descriptors = HostProcesses.descriptors();
        try (AuditLog full = new AuditLog(new AuditFile(Path.of("/dev/full")));
                TestServer server = TestServer.start(Variant.VIRTUAL_NATIVE, Optional.empty(), limits -> limits,
                        Observers.NONE.withCommands(full));
                RawClient client = server.connect()) {
            assertThat(client.run("RUN", "echo", "still there").out()).isEqualTo("still there\n");
            Await.until("both lines are counted", () -> full.lost() == 2);
        }
        Await.until("it is closed", () -> HostProcesses.descriptors() <= descriptors);
    }

    @Test
    void anObserverThatFailsHarmsNoCommand() throws Exception {
        try (TestServer server = TestServer.start(Variant.VIRTUAL_NATIVE, Optional.empty(), limits -> limits,
                Observers.NONE.withCommands(start -> {
                    throw new IllegalStateException("meant to fail, in a test");
                }).withCommands(log)); RawClient client = server.connect()) {
            assertThat(client.run("RUN", "echo", "fine").out()).isEqualTo("fine\n");
        }
        assertThat(closedLog()).hasSize(2);
    }
}
