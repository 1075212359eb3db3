package dev.heddle.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.InheritedSignals;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the built server stops with many commands running. */
class DrainIT {
    private static final int EACH = 100;

    @TempDir
    private Path directory;

    private final String mark = UUID.randomUUID().toString();
    private BuiltHeddle built;

    @BeforeEach
    void prepare() {
        built = new BuiltHeddle(directory);
    }

    @AfterEach
    void endAll() throws InterruptedException {
        built.close();
    }

    private RawClient connect() throws IOException {
        String address = built.address();
        return new RawClient(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
    }

    /** So many clients, each with this script under way. */
    private List<RawClient> run(int count, String script) throws Exception {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RawClient client = connect();
            client.request("SH", "ENV", "MARK", mark, "--", script);
            clients.add(client);
        }
        return clients;
    }

    private void awaitRunning(int count) throws Exception {
        try (RawClient client = connect()) {
            Await.until("all run", Duration.ofSeconds(60),
                    () -> ((BulkString) client.call("INFO", "processes")).text()
                            .contains("\nrunning_commands:" + count + "\r\n"));
        }
    }

    private static void term(Process process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-TERM", Long.toString(process.pid())).start().waitFor()).isZero();
    }

    @Test
    void shortCommandsAreFinishedAndLongOnesEndedAfterTheDrainTime() throws Exception {
        Path audit = directory.resolve("audit.log");
        Process server = built.serve(Map.of(), "--no-auth", "--drain-time", "8s", "--kill-grace", "500ms",
                "--metrics", "127.0.0.1:0", "--audit-log", audit.toString());
        Path gate = directory.resolve("gate");
        assertThat(new ProcessBuilder("mkfifo", gate.toString()).start().waitFor()).isZero();
        List<RawClient> shorts = run(EACH, ": < " + gate + "; sleep 1; echo done");
        List<RawClient> longs = run(EACH, "echo begun; exec sleep 600");
        RawClient busy = run(1, "exec sleep 600").getFirst();
        awaitRunning(2 * EACH + 1);
        term(server);
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest ready = HttpRequest.newBuilder(metrics("/readyz")).build();
        Await.until("not ready", () -> http.send(ready, BodyHandlers.discarding()).statusCode() == 503);
        busy.request("RUN", "echo", "too late"); // heard while the command runs
        try (FileChannel open = FileChannel.open(gate, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (RawClient client : shorts) {
                Reply reply = Reply.of(client.read());
                assertThat(reply.state()).isEqualTo("exited");
                assertThat(reply.out()).isEqualTo("done\n");
            }
            assertThat(open.isOpen()).isTrue();
        }
        for (RawClient client : longs) {
            Reply reply = Reply.of(client.read());
            assertThat(reply.state()).isEqualTo("cancelled");
            assertThat(reply.out()).isEqualTo("begun\n");
        }
        assertThat(Reply.of(busy.read()).state()).isEqualTo("cancelled");
        assertThat(busy.readToEnd()).as("what was asked for since is not run").isEmpty();
        assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue()).isEqualTo(ExitCodes.FAILED);
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
        assertThat(Files.readString(built.log()))
                .contains("stopped: FORCED, commands finished: " + EACH + ", ended: " + (EACH + 1) + "\n");
        List<String> lines = Files.readAllLines(audit);
        assertThat(lines.stream().filter(line -> line.contains("\"event\":\"start\""))).hasSize(2 * EACH + 1);
        assertThat(lines.stream().filter(line -> line.contains("\"event\":\"end\""))).hasSize(2 * EACH + 1);
    }

    private URI metrics(String path) throws IOException {
        Matcher line = Pattern.compile("metrics on (http://[^/]+)/metrics").matcher(Files.readString(built.log()));
        assertThat(line.find()).isTrue();
        return URI.create(line.group(1) + path);
    }

    @Test
    void whoFollowsAJobGetsItsOutputAndItsEnd() throws Exception {
        Process server = built.serve(Map.of(), "--no-auth", "--drain-time", "60s", "--metrics", "127.0.0.1:0");
        Path gate = directory.resolve("gate");
        assertThat(new ProcessBuilder("mkfifo", gate.toString()).start().waitFor()).isZero();
        String job = built.run(BuiltHeddle.HEDDLE, "start", "-h", built.address(), "--", "sh", "-c",
                "echo begun; read x < " + gate + "; echo out; exit 4").out().strip();
        Process logs = built.start(BuiltHeddle.HEDDLE, "logs", "-f", "-h", built.address(), job);
        BufferedReader out = logs.inputReader();
        assertThat(out.readLine()).isEqualTo("begun");
        Process wait = built.start(BuiltHeddle.HEDDLE, "wait", "-h", built.address(), job);
        try (RawClient client = connect()) {
            Await.until("both are connected", Duration.ofSeconds(60), () -> ((BulkString) client.call("CLIENT", "LIST"))
                    .text().lines().filter(line -> line.contains("cmd=job")).count() == 2);
        }
        term(server);
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest ready = HttpRequest.newBuilder(metrics("/readyz")).build();
        Await.until("not ready", () -> http.send(ready, BodyHandlers.discarding()).statusCode() == 503);
        Files.writeString(gate, "\n");
        assertThat(out.readLine()).isEqualTo("out");
        assertThat(logs.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(logs.exitValue()).isEqualTo(4);
        assertThat(wait.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(wait.exitValue()).isEqualTo(4);
        assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(built.log())).contains("stopped: GRACEFUL, commands finished: 1, ended: 0\n");
    }

    @Test
    void aSecondSignalEndsTheDrain() throws Exception {
        Process server = built.serve(Map.of(), "--no-auth", "--drain-time", "10m", "--metrics", "127.0.0.1:0");
        List<RawClient> longs = run(5, "exec sleep 600");
        awaitRunning(5);
        term(server);
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest ready = HttpRequest.newBuilder(metrics("/readyz")).build();
        Await.until("not ready", () -> http.send(ready, BodyHandlers.discarding()).statusCode() == 503);
        term(server);
        assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
        for (RawClient client : longs) {
            assertThat(Reply.of(client.read()).state()).isEqualTo("cancelled");
        }
        assertThat(Files.readString(built.log())).contains("stopped: FORCED, commands finished: 0, ended: 5\n");
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
    }

    @Test
    void theAuditLogIsOpenedAgainOnHangUp() throws Exception {
        InheritedSignals.assumeNotIgnored(1);
        Path audit = directory.resolve("audit.log");
        Process server = built.serve(Map.of(), "--no-auth", "--audit-log", audit.toString());
        try (RawClient client = connect()) {
            client.run("RUN", "echo", "one");
            Await.until("it is written", () -> Files.readString(audit).contains("\"event\":\"end\""));
            Files.move(audit, directory.resolve("audit.log.1"));
            assertThat(new ProcessBuilder("kill", "-HUP", Long.toString(server.pid())).start().waitFor()).isZero();
            Await.until("it is there again", () -> Files.exists(audit));
            client.run("RUN", "echo", "two");
            Await.until("and written to", () -> Files.readString(audit).contains("\"event\":\"end\""));
            assertThat(Files.readString(audit)).contains("\"two\"").doesNotContain("\"one\"");
        }
        term(server);
        assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(built.log())).contains("stopped: GRACEFUL, commands finished: 0, ended: 0\n");
    }
}
