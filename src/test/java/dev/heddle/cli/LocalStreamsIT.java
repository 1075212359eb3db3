package dev.heddle.cli;

import static dev.heddle.cli.BuiltHeddle.HEDDLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heddle.cli.BuiltHeddle.Finished;
import dev.heddle.testing.Await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The clients' own stdin, stdout and stderr: non-blocking, closed, on a full disk, or without a reader. */
class LocalStreamsIT {
    private static final int PIPE_BYTES = 64 << 10;
    private static final int OUTPUT_BYTES = 300_000; // more than a pipe holds, and kept of a job
    private static final String NO_SPACE = "heddle: stdout: No space left on device\n";

    @TempDir
    private Path directory;

    private BuiltHeddle built;

    @BeforeEach
    void serve() throws Exception {
        built = new BuiltHeddle(directory);
        built.serve(Map.of(), "--no-auth");
    }

    @AfterEach
    void endAll() throws InterruptedException {
        built.close();
    }

    private Process start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("HEDDLE_HOST", built.address());
        builder.environment().put("XDG_CONFIG_HOME", directory.resolve("no-config").toString());
        return built.start(builder);
    }

    /** {@code heddle} whose three streams are pipes that do not block; only their ends in that process. */
    private Process startNonBlocking(String... words) throws IOException {
        if (System.getenv("HEDDLE_REQUIRE_CLIENTS") == null) {
            assumeThat(Files.isExecutable(Path.of("/usr/bin/perl"))).as("perl is installed").isTrue();
        }
        List<String> command = new ArrayList<>(List.of("/usr/bin/perl", "-MFcntl", "-e",
                "fcntl($_, F_SETFL, fcntl($_, F_GETFL, 0) | O_NONBLOCK) for *STDIN, *STDOUT, *STDERR; exec @ARGV",
                HEDDLE));
        command.addAll(List.of(words));
        return start(command);
    }

    /** {@code heddle} with these words, in a shell that redirects its streams. */
    private Finished redirected(String redirection, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" " + redirection, "sh", HEDDLE));
        command.addAll(List.of(words));
        return built.run(Map.of("HEDDLE_HOST", built.address()), new byte[0], command.toArray(String[]::new));
    }

    private String startJob(String script) throws Exception {
        return built.run(HEDDLE, "start", "-h", built.address(), "sh", "-c", script).out().strip();
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
        return process.exitValue();
    }

    /** Reads all of it once the pipe has been full, so that the writer has had to wait. */
    private static int slowlyRead(InputStream output) throws Exception {
        Await.until("the pipe is full", Duration.ofSeconds(60), () -> output.available() >= PIPE_BYTES);
        return output.readAllBytes().length;
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "sh", "logs", "logs -f"})
    void aNonBlockingOutputIsWaitedFor(String command) throws Exception {
        String out = "head -c " + OUTPUT_BYTES + " /dev/zero; exit 3";
        String err = "head -c " + OUTPUT_BYTES + " /dev/zero >&2; exit 3";
        for (boolean stderr : new boolean[] {false, true}) {
            String script = stderr ? err : out;
            Process client = startNonBlocking(switch (command) {
                case "run" -> new String[] {"run", "-n", "sh", "-c", script};
                case "sh" -> new String[] {"sh", "-n", script};
                case "logs" -> {
                    String id = startJob(script);
                    assertThat(built.run(HEDDLE, "wait", "-h", built.address(), id).code()).isEqualTo(3);
                    yield new String[] {"logs", id};
                }
                default -> new String[] {"logs", "-f", startJob(script)};
            });
            assertThat(slowlyRead(stderr ? client.getErrorStream() : client.getInputStream())).isEqualTo(OUTPUT_BYTES);
            assertThat(exitCode(client)).isEqualTo(command.equals("logs") ? 0 : 3);
        }
    }

    /** Each line comes after the answer to the one before: in between stdin is empty. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            run -- cat | a line
            shell      | echo a line
            """)
    void aNonBlockingStdinIsWaitedFor(String command, String line) throws Exception {
        Process client = startNonBlocking(command.split(" "));
        BufferedReader out = client.inputReader();
        OutputStream in = client.getOutputStream();
        for (int i = 0; i < 20; i++) {
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
            assertThat(out.readLine()).isEqualTo("a line");
        }
        in.close();
        assertThat(out.readLine()).isNull();
        assertThat(client.errorReader().readLine()).isNull();
        assertThat(exitCode(client)).isZero();
    }

    @Test
    void aNonBlockingStdinGoesToAJob() throws Exception {
        Process client = startNonBlocking("start", "-i", "--", "cat");
        String id = client.inputReader().readLine(); // stdin is empty until then
        Process follower = start(List.of(HEDDLE, "logs", "-f", id));
        BufferedReader job = follower.inputReader();
        OutputStream in = client.getOutputStream();
        for (int i = 0; i < 20; i++) {
            in.write("a line\n".getBytes(StandardCharsets.UTF_8));
            in.flush();
            assertThat(job.readLine()).isEqualTo("a line");
        }
        in.close();
        assertThat(exitCode(client)).isZero();
        assertThat(exitCode(follower)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2>/dev/full", "2>&-"})
    void stderrThatCannotBeWrittenEndsNothing(String redirection) throws Exception {
        Path lived = directory.resolve("lived");
        String script = "echo e >&2; head -c 1000000 /dev/zero >&2; touch " + lived + "; echo out; exit 3";
        Finished run = redirected(redirection, "run", "-n", "sh", "-c", script);
        assertThat(List.of(run.code(), run.out())).isEqualTo(List.of(3, "out\n"));
        assertThat(lived).exists();
        String id = startJob("echo e >&2; echo out; exit 3");
        Finished followed = redirected(redirection, "logs", "-f", id);
        assertThat(List.of(followed.code(), followed.out())).isEqualTo(List.of(3, "out\n"));
        assertThat(redirected(redirection, "logs", id).code()).as("it has nothing to do but to show").isEqualTo(1);
        assertThat(redirected(redirection, "run", "-n", "-t", "100ms", "sleep", "60").code()).isEqualTo(124);
        Files.writeString(directory.resolve("lines"), "echo e >&2; (exit 5)\necho on; exit 4\n");
        Finished shell = redirected(redirection + " <" + directory.resolve("lines"), "shell");
        assertThat(List.of(shell.code(), shell.out())).isEqualTo(List.of(4, "on\n"));
    }

    @Test
    void aReaderOfStderrThatLeavesEndsNothing() throws Exception {
        Process client = start(List.of(HEDDLE, "run", "-n", "-C", directory.toString(), "sh", "-c", "until [ -e gate ];"
                + " do sleep 0.05; done; for i in 1 2 3; do echo e >&2; sleep 0.1; done; echo out; exit 3"));
        client.getErrorStream().close();
        Files.createFile(directory.resolve("gate"));
        assertThat(client.inputReader().readLine()).isEqualTo("out");
        assertThat(exitCode(client)).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--version", "run --help", "serve --help", "man", "completion", "jobs",
            "token --user x", "start true", "run -n echo x", "logs JOB", "logs -f JOB"})
    void outputThatCannotBeWrittenIsAFailure(String words) throws Exception {
        String[] command = words.replace("JOB", words.contains("JOB") ? startJob("echo x") : "").split(" ");
        Finished full = redirected(">/dev/full", command);
        assertThat(List.of(full.code(), full.err())).isEqualTo(List.of(1, NO_SPACE));
        Finished closed = redirected(">&-", command);
        assertThat(List.of(closed.code(), closed.err())).isEqualTo(List.of(1, "heddle: stdout: Bad file descriptor\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "man", "completion", "jobs"})
    void outputWithoutAReaderEndsAsBySigpipe(String word) throws Exception {
        Path gate = directory.resolve("gate");
        Process client = start(List.of("sh", "-c", "until [ -e " + gate + " ]; do sleep 0.05; done; exec \"$@\"", "sh",
                HEDDLE, word));
        client.getInputStream().close();
        Files.createFile(gate);
        assertThat(client.errorReader().readLine()).isNull();
        assertThat(exitCode(client)).isEqualTo(141);
    }

    @Test
    void aTokenWhoseLinesAreLostIsNotMade() throws Exception {
        Path file = directory.resolve("tok");
        Finished full = redirected(">>/dev/full", "token", "--user", "x", "--out", file.toString());
        assertThat(List.of(full.code(), full.err())).isEqualTo(List.of(1, NO_SPACE));
        assertThat(file).as("nobody knows its hash").doesNotExist();
        assertThat(redirected("", "token", "--user", "x", "--out", file.toString()).code()).isZero();
        assertThat(redirected("2>/dev/full", "token", "--user", "x").code()).as("the lines are there").isEqualTo(1);
    }

    @Test
    void aServerSaysThatItsStdoutCannotBeWrittenAndGoesOn() throws Exception {
        Path addresses = directory.resolve("others");
        Path err = directory.resolve("err");
        Process server = start(List.of("sh", "-c", "exec \"$@\" >/dev/full 2>" + err, "sh", HEDDLE, "serve",
                "--no-auth", "--listen", "resp://127.0.0.1:0", "--print-addresses", addresses.toString()));
        Await.until("it is up", Duration.ofSeconds(60), () -> Files.exists(addresses));
        String address = Files.readString(addresses).strip().replace("resp://", "");
        assertThat(built.run(HEDDLE, "run", "-h", address, "-n", "echo", "on").out()).isEqualTo("on\n");
        server.destroy();
        assertThat(exitCode(server)).isZero();
        assertThat(Files.readString(err)).startsWith(NO_SPACE);
    }

    @Test
    void aDirectoryIsNoStdin() throws Exception {
        for (String[] command : new String[][] {{"run", "cat"}, {"shell"}, {"start", "-i", "cat"}}) {
            Finished finished = redirected("</", command);
            assertThat(List.of(finished.code(), finished.err())).as(command[0])
                    .isEqualTo(List.of(1, "heddle: stdin: Is a directory\n"));
        }
    }
}
