package dev.heddle.cli;

import static dev.heddle.cli.BuiltHeddle.HEDDLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heddle.server.ServerConfig.Ancestors;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The prompts, driven through a pseudo-terminal by expect(1), and through pipes. */
class PromptIT {
    @TempDir
    private Path state;

    private record Finished(int code, String output) {}

    private Finished run(String input, String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("XDG_STATE_HOME", state.toString());
        builder.environment().put("XDG_CONFIG_HOME", state.resolve("no-config").toString()); // nobody's real token
        builder.environment().put("TERM", "xterm");
        Process process = builder.start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Finished(process.exitValue(), output);
    }

    private Finished expect(String script, String... arguments) throws Exception {
        if (System.getenv("HEDDLE_REQUIRE_CLIENTS") == null) {
            assumeThat(Files.isExecutable(Path.of("/usr/bin/expect"))).as("expect is installed").isTrue();
        }
        List<String> command = new ArrayList<>(List.of("expect",
                Path.of("src/test/resources/expect", script).toString(), HEDDLE));
        command.addAll(List.of(arguments));
        return run("", command.toArray(String[]::new));
    }

    @Test
    void theShellIsAPromptWithHistoryAndQuotes() throws Exception {
        try (TestServer server = TestServer.start(Variant.VIRTUAL_JDK)) {
            Finished finished = expect("shell.exp", "127.0.0.1:" + server.port());
            assertThat(finished.code()).as(finished.output()).isZero();
            Path history = state.resolve("heddle").resolve("shell-history");
            assertThat(Files.readString(history)).contains("echo la''st");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(history))).isEqualTo("rw-------");
        }
    }

    @Test
    void theShellSendsWhatIsTypedInAnyEncoding() throws Exception {
        try (TestServer server = TestServer.start(Variant.VIRTUAL_NATIVE)) {
            Finished finished = expect("bytes.exp", "127.0.0.1:" + server.port());
            assertThat(finished.code()).as(finished.output()).isZero();
        }
    }

    @Test
    void theShellReadsPipesWithoutAPrompt() throws Exception {
        try (TestServer server = TestServer.start(Variant.VIRTUAL_JDK)) {
            String[] shell = {HEDDLE, "shell", "-h", "127.0.0.1:" + server.port()};
            Finished finished = run("echo 1\n\ncd /\npwd\nprintf '%s\\n' 'a\nb'\nsh -c 'exit 5'\n", shell);
            assertThat(finished.output()).isEqualTo("1\n/\na\nb\n");
            assertThat(finished.code()).as("that of the last line").isEqualTo(5);
            assertThat(run("false\nexit 9\necho not this\n", shell)).isEqualTo(new Finished(9, ""));
        }
        assertThat(run("", HEDDLE, "shell", "-h", "127.0.0.1:1").code()).isEqualTo(255);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exit", "quit", "ctrl-c", "ctrl-d"})
    void theAncestorsPromptsWorkAndEndCleanly(String leave) throws Exception {
        try (TestServer ready = TestServer.start(Variant.VIRTUAL_JDK, "ready://127.0.0.1:0", Ancestors.DEFAULT);
                TestServer upper = TestServer.start(Variant.VIRTUAL_JDK, "upper://[::1]:0",
                        Ancestors.DEFAULT.withUpperGreeting("welcome"))) {
            Finished finished = expect("ancestors.exp", "localhost:" + ready.port(), "[::1]:" + upper.port(), leave);
            assertThat(finished.code()).as(finished.output()).isZero();
        }
    }

    @Test
    void theAncestorsPromptsReadPipes() throws Exception {
        try (TestServer ready = TestServer.start(Variant.VIRTUAL_JDK, "ready://127.0.0.1:0", Ancestors.DEFAULT);
                TestServer upper = TestServer.start(Variant.VIRTUAL_JDK, "upper://127.0.0.1:0", Ancestors.DEFAULT)) {
            assertThat(run("echo a\nseq 1 500 | tail -1\nquit\n", HEDDLE, "ready", "127.0.0.1:" + ready.port()))
                    .isEqualTo(new Finished(0, "a\n500\n"));
            assertThat(run("straße\n", HEDDLE, "upper", "127.0.0.1:" + upper.port()))
                    .isEqualTo(new Finished(0, "STRASSE\n"));
            assertThat(run("straße\n", "sh", "-c", "exec \"$@\" >/dev/full", "sh", HEDDLE, "upper",
                    "127.0.0.1:" + upper.port()))
                    .isEqualTo(new Finished(1, "heddle: stdout: No space left on device\n"));
            assertThat(run("", "sh", "-c", "exec \"$@\" </", "sh", HEDDLE, "ready", "127.0.0.1:" + ready.port()))
                    .isEqualTo(new Finished(1, "heddle: stdin: Is a directory\n"));
        }
        Finished unreachable = run("", HEDDLE, "ready", "127.0.0.1:1");
        assertThat(unreachable.code()).isEqualTo(255);
        assertThat(unreachable.output().lines()).singleElement().asString().startsWith("heddle: 127.0.0.1:1: ");
    }
}
