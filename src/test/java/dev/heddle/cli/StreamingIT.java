package dev.heddle.cli;

import static dev.heddle.cli.BuiltHeddle.HEDDLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heddle.cli.BuiltHeddle.Finished;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.InheritedSignals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code heddle run} while its command runs: as ssh without a terminal. */
class StreamingIT {
    private final String mark = UUID.randomUUID().toString();

    @TempDir
    private Path directory;

    private BuiltHeddle built;
    private Process server;

    @BeforeEach
    void serve() throws Exception {
        built = new BuiltHeddle(directory);
        server = built.serve(Map.of("HEDDLE_KILL_GRACE", "500ms"), "--no-auth");
    }

    @AfterEach
    void endAll() throws InterruptedException {
        built.close();
    }

    /** heddle run with these words, its command and all descendants marked. */
    private String[] words(String... words) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(HEDDLE, "run", "-h", built.address(), "-e", "MARK=" + mark));
        command.addAll(List.of(words));
        return command.toArray(String[]::new);
    }

    private void awaitNothingRuns() throws Exception {
        Await.until("nothing runs on the server", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
    }

    private static void kill(String signal, Process process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor()).isZero();
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("it ends").isTrue();
        return process.exitValue();
    }

    @Test
    void outputComesAtOnceAndInputGoesInMeanwhile() throws Exception {
        Process client = built.start(words("sh", "-c", "echo ready; while read x; do echo \"<$x>\"; done; echo end >&2"));
        BufferedReader out = client.inputReader();
        assertThat(out.readLine()).isEqualTo("ready");
        for (String line : List.of("a", "b")) {
            client.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            client.getOutputStream().flush();
            assertThat(out.readLine()).isEqualTo("<" + line + ">");
        }
        client.getOutputStream().close();
        assertThat(client.errorReader().readLine()).isEqualTo("end");
        assertThat(exitCode(client)).isZero();
    }

    @Test
    void withoutStdinNothingIsRead() throws Exception {
        Process client = built.start(words("-n", "wc", "-c"));
        assertThat(client.inputReader().readLine().strip()).as("stdin stays open here").isEqualTo("0");
        assertThat(exitCode(client)).isZero();
    }

    @Test
    void aReaderThatLeavesEndsTheCommand() throws Exception {
        Path code = directory.resolve("code");
        Finished head = built.run("sh", "-c", "{ \"$@\"; echo $? > " + code + "; } | head -1", "sh", HEDDLE, "run",
                "-h", built.address(), "-e", "MARK=" + mark, "yes");
        assertThat(head.out()).isEqualTo("y\n");
        assertThat(head.err()).isEmpty();
        assertThat(Files.readString(code)).as("as a program that SIGPIPE has ended").isEqualTo("141\n");
        awaitNothingRuns();
    }

    @Test
    void aCommandThatReadsNoMoreEndsTheWriter() throws Exception {
        Finished finished = built.run("sh", "-c", "yes | \"$@\"", "sh", HEDDLE, "run", "-h", built.address(), "head", "-1");
        assertThat(finished.out()).isEqualTo("y\n");
        assertThat(finished.code()).isZero();
    }

    @Test
    void aKilledClientsHalfInputIsNotTakenForAll() throws Exception {
        for (int i = 0; i < 4; i++) {
            Path file = directory.resolve("upload-" + i);
            Process client = built.start(words("-e", "FILE=" + file, "sh", "-c",
                    "trap '' TERM; cat > \"$FILE\" && : > \"$FILE.done\""));
            client.getOutputStream().write(new byte[5000]);
            client.getOutputStream().flush();
            Await.until("half of it is there", Duration.ofSeconds(20),
                    () -> Files.exists(file) && Files.size(file) == 5000);
            kill("KILL", client);
            awaitNothingRuns();
            assertThat(directory.resolve("upload-" + i + ".done")).doesNotExist();
        }
    }

    @Test
    void localTroubleIsNamed() throws Exception {
        Finished full = built.run("sh", "-c", "\"$@\" > /dev/full", "sh", HEDDLE, "run", "-h", built.address(), "-n",
                "echo", "x");
        assertThat(full.err()).isEqualTo("heddle: stdout: No space left on device\n");
        assertThat(full.code()).isEqualTo(1);
        Finished directory = built.run("sh", "-c", "\"$@\" < /", "sh", HEDDLE, "run", "-h", built.address(), "cat");
        assertThat(directory.err()).isEqualTo("heddle: stdin: Is a directory\n");
        assertThat(directory.code()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143", "HUP, 129"})
    void aSignalGoesToTheWholeRemoteGroup(String signal, int code) throws Exception {
        InheritedSignals.assumeNotIgnored(code - 128);
        Process client = built.start(words("-n", "sh", "-c", "sleep 600 | cat & echo ready; sleep 600"));
        assertThat(client.inputReader().readLine()).isEqualTo("ready");
        kill(signal, client);
        assertThat(exitCode(client)).isEqualTo(code);
        awaitNothingRuns();
    }

    @Test
    void theCommandMayCatchASignal() throws Exception {
        Process client = built.start(words("-n", "sh", "-c",
                "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done"));
        BufferedReader out = client.inputReader();
        assertThat(out.readLine()).isEqualTo("ready");
        kill("INT", client);
        assertThat(out.readLine()).isEqualTo("caught");
        assertThat(exitCode(client)).isEqualTo(9);
    }

    @Test
    void theSecondSignalKills() throws Exception {
        Process client = built.start(words("-n", "sh", "-c",
                "trap 'echo no' INT; echo ready; while :; do sleep 0.05; done"));
        BufferedReader out = client.inputReader();
        assertThat(out.readLine()).isEqualTo("ready");
        kill("INT", client);
        assertThat(out.readLine()).isEqualTo("no");
        kill("INT", client);
        assertThat(exitCode(client)).isEqualTo(130);
        assertThat(client.errorReader().readLine()).isNull();
        awaitNothingRuns();
    }

    @Test
    void theSecondSignalEndsAClientWhoseReaderIsStuck() throws Exception {
        Process client = built.start(words("-n", "yes"));
        Await.until("its stdout is full", () -> client.getInputStream().available() >= 64 << 10);
        kill("TERM", client);
        awaitNothingRuns();
        kill("TERM", client);
        assertThat(exitCode(client)).isEqualTo(143);
    }

    @Test
    void aKilledClientLeavesNothing() throws Exception {
        Process client = built.start(words("-n", "sh", "-c", "sleep 600 & sleep 600"));
        Await.until("it runs", () -> HostProcesses.withVariable("MARK", mark).size() == 3);
        client.destroyForcibly();
        awaitNothingRuns();
    }

    @Test
    void aBrokenConnectionIs255() throws Exception {
        Process client = built.start(words("-n", "sh", "-c", "echo ready; sleep 600"));
        assertThat(client.inputReader().readLine()).isEqualTo("ready");
        server.destroyForcibly();
        assertThat(exitCode(client)).isEqualTo(255);
        assertThat(client.errorReader().lines()).singleElement().asString()
                .startsWith("heddle: " + built.address() + ": ");
        HostProcesses.withVariable("MARK", mark)
                .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    }

    @Test
    void anyAmountGoesThroughInLittleMemory() throws Exception {
        int chunks = 3200; // of 64 KiB: 200 MiB
        byte[] noise = new byte[(64 << 10) + chunks];
        new Random(5).nextBytes(noise);
        MessageDigest sent = MessageDigest.getInstance("SHA-256");
        Process client = built.start(words("cat"));
        FutureTask<Void> feeding = new FutureTask<>(() -> {
            try (OutputStream in = client.getOutputStream()) {
                for (int i = 0; i < chunks; i++) {
                    in.write(noise, i, 64 << 10);
                    sent.update(noise, i, 64 << 10);
                }
            }
            return null;
        });
        Thread.ofPlatform().start(feeding);
        MessageDigest received = MessageDigest.getInstance("SHA-256");
        byte[] buffer = new byte[64 << 10];
        long total = 0;
        long peak = 0;
        for (int n = client.getInputStream().read(buffer); n >= 0; n = client.getInputStream().read(buffer)) {
            received.update(buffer, 0, n);
            total += n;
            if (total == (long) chunks << 16) {
                peak = BuiltHeddle.peakMiB(client);
            }
        }
        feeding.get();
        assertThat(total).isEqualTo((long) chunks << 16);
        assertThat(received.digest()).isEqualTo(sent.digest());
        assertThat(exitCode(client)).isZero();
        assertThat(peak).as("MiB of the client's").isBetween(1L, 199L);
        assertThat(BuiltHeddle.peakMiB(server)).as("MiB of the server's").isLessThan(200);
    }

    @Test
    void aTerminalIsReadAndItsKeysInterrupt() throws Exception {
        if (System.getenv("HEDDLE_REQUIRE_CLIENTS") == null) {
            assumeThat(Files.isExecutable(Path.of("/usr/bin/expect"))).as("expect is installed").isTrue();
        }
        Finished finished = built.run("expect", Path.of("src/test/resources/expect/run.exp").toString(), HEDDLE,
                built.address(), mark);
        assertThat(finished.code()).as(finished.out()).isZero();
        awaitNothingRuns();
    }

    @Test
    void aStoppedClientHoldsUpItsOwnCommandOnly() throws Exception {
        Process stopped = built.start(words("-n", "sh", "-c", "echo ready; exec yes"));
        assertThat(stopped.inputReader().readLine()).isEqualTo("ready");
        kill("STOP", stopped);
        assertThat(built.run(words("-n", "echo", "on")).out()).isEqualTo("on\n");
        kill("CONT", stopped);
        stopped.getInputStream().close();
        assertThat(exitCode(stopped)).isEqualTo(141);
        Await.until("nothing runs", Duration.ofSeconds(10), () -> HostProcesses.withVariable("MARK", mark).isEmpty());
    }
}
