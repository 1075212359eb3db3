package dev.heddle.cli;

import static dev.heddle.cli.BuiltHeddle.HEDDLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.cli.BuiltHeddle.Finished;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands around jobs. */
class JobsIT {
    private final String mark = UUID.randomUUID().toString();

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

    private Finished heddle(String... words) throws Exception {
        return heddle(new byte[0], words);
    }

    private Finished heddle(byte[] stdin, String... words) throws Exception {
        String[] command = new String[words.length + 1];
        command[0] = HEDDLE;
        System.arraycopy(words, 0, command, 1, words.length);
        return built.run(Map.of("HEDDLE_HOST", built.address()), stdin, command);
    }

    private String start(String... words) throws Exception {
        String[] command = new String[words.length + 1];
        command[0] = "start";
        System.arraycopy(words, 0, command, 1, words.length);
        Finished started = heddle(command);
        assertThat(started.err()).isEmpty();
        assertThat(started.code()).isZero();
        assertThat(started.out()).endsWith("\n");
        return started.out().strip();
    }

    @Test
    void aJobIsStartedWatchedAndKilled() throws Exception {
        Path gate = directory.resolve("gate");
        String id = start("-C", directory.toString(), "-e", "MARK=" + mark, "sh", "-c",
                "echo out; echo err >&2; until [ -e gate ]; do sleep 0.05; done; echo last; exit 7");
        assertThat(heddle("jobs").out().lines().skip(1)).singleElement().asString()
                .matches(id + " +running +[0-9]+s +sh -c echo out; .*…");
        Process follower = built.start(HEDDLE, "logs", "-h", built.address(), "-f", id);
        BufferedReader out = follower.inputReader();
        assertThat(out.readLine()).isEqualTo("out");
        assertThat(follower.errorReader().readLine()).isEqualTo("err");
        Finished logs = heddle("logs", id);
        assertThat(List.of(logs.code(), logs.out(), logs.err())).isEqualTo(List.of(0, "out\n", "err\n"));
        Files.createFile(gate);
        assertThat(out.readLine()).isEqualTo("last");
        assertThat(out.readLine()).isNull();
        assertThat(follower.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(follower.exitValue()).isEqualTo(7);
        assertThat(heddle("wait", id).code()).isEqualTo(7);
        assertThat(heddle("logs", "-f", id)).satisfies(again -> {
            assertThat(again.out()).isEqualTo("out\nlast\n");
            assertThat(again.code()).isEqualTo(7);
        });
        assertThat(heddle("jobs").out()).containsPattern(id + " +exited +7 ");

        String sleeper = start("-e", "MARK=" + mark, "sh", "-c", "sleep 600 | cat");
        assertThat(heddle("kill", "-s", "USR1", sleeper).code()).isZero();
        assertThat(heddle("wait", sleeper).code()).isEqualTo(128 + 10);
        assertThat(heddle("kill", sleeper).err()).isEqualTo("heddle: ERR the job has ended\n");
        Await.until("nothing runs", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
    }

    @Test
    void aGapIsShownOnStderr() throws Exception {
        String id = start("seq", "1", "1000000");
        assertThat(heddle("wait", id).code()).isZero();
        Finished logs = heddle("logs", id);
        int missing = 6_888_896 - logs.stdout().length; // what seq prints, less what is there
        assertThat(logs.stdout()).hasSize(1 << 20);
        assertThat(logs.out()).startsWith("1\n2\n").endsWith("\n1000000\n");
        assertThat(logs.err()).isEqualTo(
                "heddle: " + missing + " bytes of the output are missing here: they were not kept\n");
        assertThat(logs.code()).isZero();
    }

    @Test
    void stdinIsEmptyOrGiven() throws Exception {
        assertThat(heddle("logs", "-f", start("cat")).code()).isZero();
        byte[] text = "line\n".repeat(100_000).getBytes(StandardCharsets.US_ASCII);
        Finished started = heddle(text, "start", "-i", "wc", "-l");
        assertThat(heddle("logs", "-f", started.out().strip()).out().strip()).isEqualTo("100000");
        assertThat(heddle(text, "start", "-i", "head", "-1").code()).as("not all is read").isZero();
    }

    @Test
    void theSameTokenStartsOneJob() throws Exception {
        String id = start("--id", "nightly", "-t", "300ms", "sleep", "600");
        assertThat(start("--id", "nightly", "-t", "300ms", "sleep", "600")).isEqualTo(id);
        assertThat(heddle("jobs").out().lines()).hasSize(2);
        assertThat(heddle("wait", id).code()).isEqualTo(124);
        Finished other = heddle("start", "--id", "nightly", "true");
        assertThat(other.code()).isEqualTo(125);
        assertThat(other.err()).startsWith("heddle: ERR ID 'nightly' ");
    }

    @Test
    void troubleIsOneLine() throws Exception {
        for (String command : List.of("logs", "wait", "kill")) {
            Finished unknown = heddle(command, "nojob");
            assertThat(unknown.err()).as(command).isEqualTo("heddle: NOJOB no such job 'nojob'\n");
            assertThat(unknown.code()).isEqualTo(125);
        }
        assertThat(heddle("start", "no-such-program").code()).isEqualTo(127);
        assertThat(built.run(HEDDLE, "jobs", "-h", "127.0.0.1:1").code()).isEqualTo(255);
        Finished head = built.run("sh", "-c", "\"$@\" | head -1", "sh", HEDDLE, "logs", "-h", built.address(), "-f",
                start("-t", "1m", "yes"));
        assertThat(head.out()).isEqualTo("y\n");
        assertThat(head.err()).isEmpty();
    }
}
