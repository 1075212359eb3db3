package dev.heddle.cli;

import static dev.heddle.cli.BuiltHeddle.HEDDLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.cli.BuiltHeddle.Finished;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands before the first class is loaded: the script and the JVM. */
class StartScriptIT {
    private static final byte[] NOTHING = {};

    @TempDir
    private Path directory;

    private BuiltHeddle built;

    @BeforeEach
    void prepare() {
        built = new BuiltHeddle(directory);
    }

    @AfterEach
    void endAll() throws InterruptedException {
        built.close();
    }

    /** Runs a script in a shell, with the executable as $0 and the address of the server as $1. */
    private Finished inShell(String script) throws Exception {
        return built.run("sh", "-c", script, HEDDLE, built.address());
    }

    @Test
    void aDeletedDirectoryIsNoneOfTheCommandsBusiness() throws Exception {
        built.serve(Map.of(), "--no-auth");
        Path gone = directory.resolve("gone");
        String enter = "mkdir " + gone + " && cd " + gone + " && rmdir " + gone + " && exec \"$0\" ";
        Finished run = inShell(enter + "run -n -h \"$1\" -- sh -c 'echo out; exit 42'");
        assertThat(List.of(run.code(), run.out())).isEqualTo(List.of(42, "out\n"));
        Finished serve = inShell(enter + "serve --no-auth --listen resp://127.0.0.1:0");
        assertThat(serve.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(serve.err()).endsWith("heddle: the working directory has been deleted\n");
        Finished token = inShell(enter + "token --out token");
        assertThat(token.code()).isEqualTo(ExitCodes.FAILED);
    }

    @Test
    void whereTheAddressSpaceIsLimitedTheCommandRunsOrOneLineSaysWhyNot() throws Exception {
        built.serve(Map.of(), "--no-auth");
        Finished enough = inShell("ulimit -v 1500000; exec \"$0\" run -n -h \"$1\" -- sh -c 'echo out; exit 42'");
        assertThat(List.of(enough.code(), enough.out(), enough.err())).isEqualTo(List.of(42, "out\n", ""));
        Finished less = inShell("ulimit -v 600000; exec \"$0\" run -n -h \"$1\" -- sh -c 'exit 42'");
        assertRefused(less, "heddle: the JVM does not start: ");
    }

    private static void assertRefused(Finished finished, String error) {
        assertThat(finished.out()).isEmpty();
        assertThat(finished.err().lines()).singleElement().asString().startsWith(error);
        assertThat(finished.code()).isEqualTo(ExitCodes.CONNECTION);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "sh", "shell", "start", "jobs", "logs", "wait", "kill", "ready", "upper"})
    void aJvmThatDoesNotStartIsNoResultOfARemoteCommand(String client) throws Exception {
        assertRefused(built.run(Map.of("HEDDLE_JAVA_OPTS", "-XX:+NoSuchFlag"), NOTHING, HEDDLE, client, "x"),
                "heddle: the JVM does not start: Unrecognized VM option ");
    }

    @Test
    void aJvmThatCannotBeExecutedIsNoResultOfARemoteCommand() throws Exception {
        Path home = directory.resolve("jdk");
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.write(java, new byte[] {0, 1, 2, 3});
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + Runtime.version().feature() + "\"\n");
        for (String shell : List.of("sh", "bash")) {
            Finished finished = built.run(Map.of("HEDDLE_JAVA_HOME", home.toString()), NOTHING, shell, HEDDLE, "run",
                    "x");
            assertThat(List.of(finished.code(), finished.out())).as(shell + finished.err())
                    .isEqualTo(List.of(ExitCodes.CONNECTION, ""));
        }
        Finished none = built.run(Map.of("HEDDLE_JAVA_HOME", "/nowhere"), NOTHING, HEDDLE, "run", "x");
        assertThat(none.code()).isEqualTo(ExitCodes.CONNECTION);
        assertThat(built.run(Map.of("HEDDLE_JAVA_HOME", "/nowhere"), NOTHING, HEDDLE, "man").code()).isEqualTo(69);
    }

    @Test
    void aClientWhoseMemoryDoesNotSufficeIsNoResultOfARemoteCommand() throws Exception {
        built.serve(Map.of(), "--no-auth");
        List<String> command = new ArrayList<>(List.of(HEDDLE, "run", "-n", "-h", built.address(), "--", "true"));
        command.addAll(Collections.nCopies(15, "x".repeat(120_000)));
        assertRefused(built.run(Map.of("HEDDLE_JAVA_OPTS", "-XX:+UseSerialGC -Xmx4m"), NOTHING,
                command.toArray(String[]::new)), "heddle: java.lang.OutOfMemoryError: ");
    }

    @Test
    void variablesForAllJvmsAndFilesForThemDoNothing() throws Exception {
        built.serve(Map.of(), "--no-auth");
        Files.createFile(directory.resolve(".hotspotrc"));
        Files.createFile(directory.resolve(".hotspot_compiler"));
        Map<String, String> variables = Map.of("JAVA_TOOL_OPTIONS", "-Dx=1 -XX:+UseParallelGC", "JDK_JAVA_OPTIONS",
                "-Dy=1", "_JAVA_OPTIONS", "-XX:+NoSuchFlag", "_JAVA_LAUNCHER_DEBUG", "1");
        Finished finished = built.run(variables, NOTHING, "sh", "-c", "cd \"$2\"; exec \"$0\" run -n -h \"$1\" echo hi",
                HEDDLE, built.address(), directory.toString());
        assertThat(List.of(finished.code(), finished.out(), finished.err())).isEqualTo(List.of(0, "hi\n", ""));
    }

    @Test
    void whatTheJvmHasToSayIsNotOutputOfTheCommand() throws Exception {
        built.serve(Map.of(), "--no-auth");
        Process client = built.start(HEDDLE, "run", "-n", "-h", built.address(), "--", "sh", "-c",
                "echo begun; sleep 600");
        BufferedReader out = client.inputReader();
        assertThat(out.readLine()).isEqualTo("begun");
        assertThat(new ProcessBuilder("kill", "-QUIT", Long.toString(client.pid())).start().waitFor()).isZero();
        assertThat(client.errorReader().lines().anyMatch(line -> line.contains("Full thread dump"))).isTrue();
        assertThat(new ProcessBuilder("kill", "-TERM", Long.toString(client.pid())).start().waitFor()).isZero();
        assertThat(out.readLine()).isNull();
    }
}
