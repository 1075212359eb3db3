package dev.heddle.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a server of an ordinary user says of programs that it may not signal: a setuid program that has changed its
 * real user. The program is setpriv(1), copied and made setuid. Needs root, to make it and to become somebody else.
 */
@ParameterizedClass
@EnumSource(Variant.class)
class RefusedSignalIT {
    private static final String NOBODY = "65534";

    @Parameter
    private Variant variant;

    @TempDir
    private Path directory;

    private final String mark = UUID.randomUUID().toString();
    private BuiltHeddle built;
    private Path open; // for everybody, unlike the directory
    private Path becomeRoot;
    private Process server;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        assumeThat(System.getProperty("user.name")).as("may become somebody else").isEqualTo("root");
        Path setpriv = Path.of("/usr/bin/setpriv");
        assumeThat(setpriv).as("util-linux").isExecutable();
        built = new BuiltHeddle(directory);
        open = Files.createTempDirectory("heddle-for-all");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        becomeRoot = Files.copy(setpriv, open.resolve("become-root"));
        assertThat(built.run("chmod", "4755", becomeRoot.toString()).code()).isZero();
        List<String> nobody = List.of(setpriv.toString(), "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups");
        List<String> probe = new ArrayList<>(nobody);
        probe.addAll(List.of(becomeRoot.toString(), "--reuid", "0", "true"));
        assumeThat(built.run(probe.toArray(String[]::new)).code()).as("setuid programs work in " + open).isZero();
        serve(nobody);
    }

    private void serve(List<String> asNobody) throws Exception {
        Path heddle = Files.copy(Path.of(BuiltHeddle.HEDDLE), open.resolve("heddle"),
                StandardCopyOption.COPY_ATTRIBUTES);
        Path addresses = open.resolve("addresses");
        List<String> command = new ArrayList<>(asNobody);
        command.addAll(List.of(heddle.toString(), "serve", "--no-auth", "--listen", "resp://127.0.0.1:0", "--engine",
                variant.isNative() ? "native" : "jdk", "--threads", variant.threads().toString(), "--kill-grace",
                "200ms", "--drain-time", "0s", "--print-addresses", addresses.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(built.log().toFile());
        builder.environment().put("HOME", open.toString());
        server = built.start(builder);
        Await.until("the server is up", Duration.ofSeconds(60), () -> {
            assertThat(server.isAlive()).as(log()).isTrue();
            return Files.exists(addresses);
        });
        client = new RawClient(Integer.parseInt(Files.readString(addresses).strip().replaceAll(".*:", "")));
    }

    @AfterEach
    void stop() throws Exception {
        if (client != null) {
            client.close();
        }
        if (built != null) {
            built.close();
        }
        for (long pid : HostProcesses.withVariable("MARK", mark)) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
        if (open != null) {
            try (Stream<Path> files = Files.walk(open)) {
                for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private String log() throws IOException {
        return Files.readString(built.log());
    }

    /** The words of a request, with the mark behind its first ones. */
    private String[] marked(String verb, String... more) {
        List<String> words = new ArrayList<>(List.of(verb.split(" ")));
        words.addAll(List.of("ENV", "MARK", mark));
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }

    /** The marked processes of which every user ID is root's. */
    private List<Long> roots() throws IOException {
        List<Long> roots = new ArrayList<>();
        for (long pid : HostProcesses.withVariable("MARK", mark)) {
            try {
                if (Files.readString(Path.of("/proc/" + pid + "/status")).contains("\nUid:\t0\t0\t0\t0\n")) {
                    roots.add(pid);
                }
            } catch (IOException e) {
                assertThat(Path.of("/proc/" + pid)).as("it has ended: " + e).doesNotExist();
            }
        }
        return roots;
    }

    private void awaitRoot() throws Exception {
        Await.until("the program has become root", () -> !roots().isEmpty());
    }

    private static String text(RespValue value) {
        return ((BulkString) value).text();
    }

    private String state(String job) throws IOException {
        return text(((ArrayReply) client.call("JOB", "INFO", job)).values().get(1));
    }

    private String info() throws IOException {
        return text(client.call("INFO", "processes"));
    }

    private static void assertNotPermitted(RespValue reply, String text) {
        assertThat(reply).isInstanceOfSatisfying(ErrorReply.class,
                error -> assertThat(error.text()).startsWith("NOTPERMITTED ").contains(text));
    }

    @Test
    void aJobThatMayNotBeSignalledIsSaidToRunOn() throws Exception {
        String job = text(client.call(marked("JOB START", becomeRoot.toString(), "--reuid", "0", "sleep", "600")));
        awaitRoot();
        assertNotPermitted(client.call("JOB", "SIGNAL", job, "KILL"), "'KILL'");
        assertThat(state(job)).isEqualTo("running");
        assertNotPermitted(client.call("JOB", "SIGNAL", job, "USR1"), "'USR1'");
        assertThat(info()).contains("refused_signals:2\r\n");
        assertThat(log()).containsOnlyOnce("refused signal 9").doesNotContain("refused signal 10");
        ProcessHandle.of(roots().getFirst()).orElseThrow().destroyForcibly();
        assertThat(client.run("JOB", "WAIT", job).code()).isEqualTo(9);
        assertThat(client.call("JOB", "SIGNAL", job, "KILL"))
                .isInstanceOfSatisfying(ErrorReply.class, e -> assertThat(e.text()).contains("the job has ended"));
    }

    @Test
    void aSignalThatReachesOnlySomeIsSaidTo() throws Exception {
        String job = text(client.call(marked("JOB START", "sh", "-c",
                "\"$0\" --reuid 0 sleep 600 & exec sleep 601", becomeRoot.toString())));
        awaitRoot();
        assertNotPermitted(client.call("JOB", "SIGNAL", job, "INT"), "some of the processes");
        assertThat(client.run("JOB", "WAIT", job).state()).as("the leader has got it").isEqualTo("signaled");
        assertThat(roots()).isNotEmpty();
        assertThat(info()).contains("commands_left_running:1\r\n");
    }

    @Test
    void aStreamIsToldByAnErrorPush() throws Exception {
        client.call("HELLO", "3");
        client.request(marked("RUN STREAM", becomeRoot.toString(), "--reuid", "0", "sleep", "600"));
        assertThat(text(((Push) client.read()).values().get(1))).isEqualTo("started");
        awaitRoot();
        client.request("SIGNAL", "TERM").request("PING");
        List<RespValue> push = ((Push) client.read()).values();
        assertThat(text(push.get(1))).isEqualTo("error");
        assertThat(text(push.get(3))).startsWith("NOTPERMITTED ").contains("'TERM'");
        assertThat(text(((Push) client.read()).values().get(1))).isEqualTo("pong");
    }

    @Test
    void aTimeoutThatCannotEndItsCommandIsToldToTheOperator() throws Exception {
        Reply reply = client.run(marked("RUN", "TIMEOUT", "1000", becomeRoot.toString(), "--reuid", "0", "sleep",
                "600"));
        assertThat(reply.state()).isEqualTo("timeout");
        assertThat(roots()).hasSize(1);
        assertThat(info()).contains("commands_left_running:1\r\n", "running_commands:0\r\n");
        assertThat(log()).contains("processes of it run on");
        Reply background = client.run(marked("SH", "TIMEOUT", "60000", "\"$1\" --reuid 0 sh -c 'echo up; exec sleep "
                + "600' & read line < /dev/null; until grep -qs '^Uid:.0.0.0.0' /proc/$!/status; do sleep 0.02; done",
                becomeRoot.toString()));
        assertThat(background.state()).isEqualTo("exited");
        assertThat(info()).contains("commands_left_running:2\r\n");
        server.destroy();
        assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(log()).contains("stopped: ");
    }

    /** What has ended is root's too, as long as it is a zombie: no signal could reach anybody. */
    @Test
    void aProgramThatHasEndedIsNotOneThatRefusedASignal() throws Exception {
        for (int i = 0; i < 20; i++) {
            Reply reply = client.run(marked("RUN", "TIMEOUT", "60000", becomeRoot.toString(), "--reuid", "0", "sh",
                    "-c", "exit 3"));
            assertThat(List.of(reply.state(), reply.code())).isEqualTo(List.of("exited", 3L));
        }
        assertThat(info()).contains("refused_signals:0\r\n", "commands_left_running:0\r\n");
        assertThat(log()).doesNotContain("refused signal").doesNotContain("run on");
    }
}
