package dev.heddle.cli;

import static dev.heddle.cli.BuiltHeddle.HEDDLE;
import static dev.heddle.cli.BuiltHeddle.TARGET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heddle.cli.BuiltHeddle.Finished;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The built files as users start them. */
class CommandLineIT {
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

    private Finished run(String... command) throws Exception {
        return built.run(command);
    }

    private Finished run(Map<String, String> environment, byte[] stdin, String... command) throws Exception {
        return built.run(environment, stdin, command);
    }

    private Process serve(Map<String, String> environment, String... options) throws Exception {
        return built.serve(environment, options);
    }

    private String address() throws IOException {
        return built.address();
    }

    @ParameterizedTest
    @ValueSource(strings = {"virtual", "platform"})
    void runsLikeALocalCommand(String threads) throws Exception {
        serve(Map.of(), "--no-auth", "--threads", threads);
        String host = address();
        Finished both = run(HEDDLE, "run", "-h", host, "-n", "--", "sh", "-c", "echo out; echo err >&2; exit 7");
        assertThat(both.out()).isEqualTo("out\n");
        assertThat(both.err()).isEqualTo("err\n");
        assertThat(both.code()).isEqualTo(7);
        Finished options = run(HEDDLE, "run", "-h", host, "-C", "/", "-e", "A=1 2", "-n", "sh", "-c", "pwd; echo $A");
        assertThat(options.out()).isEqualTo("/\n1 2\n");
        assertThat(run(HEDDLE, "run", "-h", host, "-n", "echo", "-n", "--", "x").out()).isEqualTo("-- x");
        assertThat(run(HEDDLE, "sh", "-h", host, "-n", "echo $1 | tr a-z A-Z", "it's").out()).isEqualTo("IT'S\n");
        assertThat(run(HEDDLE, "run", "-h", host, "-n", "echo", "欢迎").out()).isEqualTo("欢迎\n");
        byte[] noise = new byte[1 << 20];
        ThreadLocalRandom.current().nextBytes(noise);
        Finished piped = run(Map.of(), noise, HEDDLE, "run", "-h", host, "cat");
        assertThat(piped.err()).isEmpty();
        assertThat(Arrays.equals(piped.stdout(), noise)).as("a megabyte through cat").isTrue();
    }

    @Test
    void exitCodesAreThoseOfShellsAndSsh() throws Exception {
        serve(Map.of(), "--no-auth", "--max-output", "1MiB");
        String host = address();
        assertThat(run(HEDDLE, "run", "-h", host, "-n", "true").code()).isZero();
        assertThat(run(Map.of("HEDDLE_PASSWORD", "any"), new byte[0], HEDDLE, "run", "-h", host, "-n", "true").code())
                .as("a password that nobody asked for").isZero();
        assertThat(run(HEDDLE, "run", "-h", host, "-n", "sh", "-c", "kill -9 $$").code()).isEqualTo(128 + 9);
        Finished late = run(HEDDLE, "run", "-h", host, "-n", "-t", "300ms", "sh", "-c", "echo a; sleep 60");
        assertThat(List.of(late.code(), late.out())).isEqualTo(List.of(124, "a\n"));
        Finished missing = run(HEDDLE, "run", "-h", host, "-n", "no-such-program");
        assertThat(missing.code()).isEqualTo(127);
        assertThat(missing.err()).isEqualTo(
                "heddle: NOTFOUND program 'no-such-program' not found on the command's PATH\n");
        assertThat(run(HEDDLE, "run", "-h", host, "-n", "/etc/passwd").code()).isEqualTo(126);
        assertThat(run(HEDDLE, "run", "-h", host, "-n", "-C", "/no/such", "true").code()).isEqualTo(125);
        assertThat(run(HEDDLE, "run", "-h", host, "-n").code()).as("no program").isEqualTo(255);
        Finished unreachable = run(HEDDLE, "run", "-h", "127.0.0.1:1", "-n", "true");
        assertThat(unreachable.code()).isEqualTo(255);
        assertThat(unreachable.err().lines()).singleElement().asString().startsWith("heddle: 127.0.0.1:1: ");
        assertThat(run(HEDDLE, "run", "-h", "no.such.host.invalid", "-n", "true").err())
                .isEqualTo("heddle: no.such.host.invalid:7379: unknown host no.such.host.invalid\n");
    }

    @Test
    void aPasswordIsTakenFromTheEnvironment() throws Exception {
        serve(Map.of("HEDDLE_PASSWORD", "open sesame"));
        String[] command = {HEDDLE, "run", "-h", address(), "-n", "echo", "in"};
        assertThat(run(Map.of("HEDDLE_PASSWORD", "open sesame"), new byte[0], command).out()).isEqualTo("in\n");
        assertThat(run("sh", "-c", "HEDDLE_PASSWORD='open sesame' exec \"$0\" run -h " + address() + " wc -c <&-", HEDDLE)
                .out().strip()).as("a closed stdin is an empty one").isEqualTo("0");
        Finished stranger = run(Map.of("HEDDLE_PASSWORD", ""), new byte[0], command);
        assertThat(stranger.code()).isEqualTo(255);
        assertThat(stranger.err())
                .isEqualTo("heddle: the server wants a token: give --token-file, or set HEDDLE_PASSWORD\n");
    }

    @Test
    void sigtermLetsACommandFinish() throws Exception {
        Process server = serve(Map.of(), "--no-auth");
        Process client = built.start(HEDDLE, "sh", "-h", address(), "-n", "-e", "MARK=" + mark, "sleep 1; echo done");
        Await.until("it runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
        server.destroy();
        assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("done\n");
        assertThat(server.waitFor()).isZero();
        assertThat(Files.readString(directory.resolve("serve.log"))).contains("stopped: GRACEFUL, ");
    }

    @Test
    void sigtermEndsACommandAfterTheDrainTime() throws Exception {
        Process server = serve(Map.of("HEDDLE_DRAIN_TIME", "300ms"), "--no-auth");
        Process client = built.start(HEDDLE, "run", "-h", address(), "-n", "-e", "MARK=" + mark, "sleep", "600");
        Await.until("it runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
        server.destroy();
        assertThat(server.waitFor()).isEqualTo(1);
        assertThat(client.waitFor()).as("the server refused to go on").isEqualTo(125);
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
        assertThat(Files.readString(directory.resolve("serve.log"))).contains("stopped: FORCED, ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            serve --no-auth --listen resp://0.0.0.0:0        | 2 | heddle serve: --no-auth is for loopback addresses only
            serve --no-auth --listen ftp://127.0.0.1         | 2 | heddle serve: unknown scheme 'ftp'
            serve --no-auth --listen 127.0.0.1:1             | 2 | heddle serve: '127.0.0.1:1' is no address like resp://127.0.0.1:7379
            serve --no-auth --listen resp://h.invalid:0      | 1 | heddle serve: unknown host h.invalid
            serve --no-auth --threads green                  | 2 | heddle serve: Invalid value for option '--threads'
            serve --no-auth --kill-grace soon                | 2 | heddle serve: Invalid value for option '--kill-grace': 'soon' is no duration
            serve --no-auth --max-output lots                | 2 | heddle serve: Invalid value for option '--max-output': 'lots' is no size
            serve --no-auth --default-output 0               | 2 | heddle serve: --default-output is at least 1
            serve --no-auth --write-timeout 0s               | 2 | heddle serve: --write-timeout is more than 0
            serve --no-auth --max-commands 0                 | 2 | heddle serve: --max-commands is at least 1
            serve --no-auth --metrics 0.0.0.0:0              | 2 | heddle serve: --metrics asks nobody for a password
            serve --no-auth --metrics localhost              | 2 | heddle serve: --metrics needs a host and a port
            serve --no-auth --metrics h.invalid:1            | 1 | heddle serve: --metrics: unknown host h.invalid
            serve --no-auth --audit-log /nowhere/audit.log   | 1 | heddle serve: cannot write the audit log /nowhere/audit.log: there is no such directory
            serve --no-auth --idle-timeout soon              | 2 | heddle serve: Invalid value for option '--idle-timeout': 'soon' is no duration
            serve --bogus                                    | 2 | heddle serve: Unknown option: '--bogus'
            frobnicate                                       | 2 | heddle: there is no command 'frobnicate' (see
            run --bogus ls                                   | 255 | heddle run: Unknown option: '--bogus'
            run                                              | 255 | heddle run: Missing required parameter: 'ARGV'
            run -h here:99999 ls                             | 255 | heddle run: Invalid value for option '--host'
            """)
    void mistakesAreOneLine(String arguments, int code, String error) throws Exception {
        List<String> command = new ArrayList<>(List.of(HEDDLE));
        command.addAll(Arrays.asList(arguments.split(" ")));
        Finished finished = run(Map.of("HEDDLE_PASSWORD", ""), new byte[0], command.toArray(String[]::new));
        assertThat(finished.err().lines()).singleElement().asString().startsWith(error);
        assertThat(finished.code()).isEqualTo(code);
    }

    @Test
    void helpFitsAScreen() throws Exception {
        assertThat(run(HEDDLE, "--help").out().lines().count()).isBetween(5L, 24L);
        assertThat(run(HEDDLE, "--version").out()).startsWith("heddle 0.");
        assertThat(run(HEDDLE, "serve", "--help").out()).contains("--listen", "--threads", "HEDDLE_PASSWORD");
    }

    @Test
    void theJarNamesTheCommandThatWorks() throws Exception {
        String jar = TARGET.resolve("heddle.jar").toString();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Finished refused = run(java, "-jar", jar, "run", "it's");
        assertThat(refused.code()).as("that of a client, not of a remote program").isEqualTo(255);
        String advice = refused.err().lines().toList().getLast();
        Finished advised = run("sh", "-c", advice.replace("run 'it'\\''s'", "--version"));
        assertThat(advised.out()).startsWith("heddle 0.");
    }

    @Test
    void anOldJavaIsToldSo() throws Exception {
        try (Stream<Path> homes = Files.list(Path.of("/usr/lib/jvm"))) {
            Path old = homes.map(home -> home.resolve("bin/java"))
                    .filter(java -> Files.isExecutable(java) && java.toString().matches(".*-1?[0-9]?(8|11|17)-.*"))
                    .findFirst().orElse(null);
            assumeThat(old).as("an older JDK is installed").isNotNull();
            Finished refused = run(old.toString(), "-jar", TARGET.resolve("heddle.jar").toString(), "--version");
            assertThat(refused.code()).isEqualTo(69);
            assertThat(refused.err()).contains("--enable-preview").doesNotContain("Exception");
        }
    }

    @Test
    void startsThroughALinkInAFolderWithBlanks() throws Exception {
        Path folder = Files.createDirectory(directory.resolve("a folder"));
        Path copy = Files.copy(Path.of(HEDDLE), folder.resolve("hed dle"));
        assertThat(copy.toFile().setExecutable(true)).isTrue();
        Path link = Files.createSymbolicLink(directory.resolve("link"), copy);
        assertThat(run(link.toString(), "--version").out()).startsWith("heddle 0.");
        assertThat(run(Map.of("HOME", "/dev/null", "XDG_CACHE_HOME", ""), new byte[0], link.toString(),
                "--version")).satisfies(finished -> {
                    assertThat(finished.out()).startsWith("heddle 0.");
                    assertThat(finished.err()).isEmpty();
                });
    }

    @Test
    void completesCommandsAndOptionsInBash() throws Exception {
        Path script = Files.writeString(directory.resolve("completion"), run(HEDDLE, "completion").out());
        String complete = ". " + script + """

                COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
                $(complete -p heddle | sed 's/.*-F \\([^ ]*\\).*/\\1/')
                printf '%s\n' "${COMPREPLY[@]}"
                """;
        assertThat(run("bash", "-c", complete, "bash", "heddle", "ru").out().lines()).contains("run");
        assertThat(run("bash", "-c", complete, "bash", "heddle", "").out().lines()).contains("serve", "shell")
                .doesNotContain("rehearse");
        assertThat(run("bash", "-c", complete, "bash", "heddle", "run", "--ti").out().lines())
                .contains("--timeout");
    }

    @Test
    void theManualPageDescribesAllCommandsAndExitCodes() throws Exception {
        String page = run(HEDDLE, "man").out();
        assertThat(page).startsWith(".TH HEDDLE 1 ").contains(".SS \"heddle run [OPTION]... ARGV...\"",
                ".B \"\\-\\-hangup\\-grace=TIME\"", ".SH EXIT STATUS", ".B \"124\"", "HEDDLE_HOST")
                .doesNotContain("rehearse");
        assertThat(page.lines()).as("no line that roff takes for a request of its own")
                .allMatch(line -> !line.startsWith(".") || line.matches("\\.(TH|SH|SS|TP|B|P|br)( .*)?"));
        assertThat(page).as("it can be shown in the C locale").isASCII();
    }

    @Test
    void helpKeepsTheLinesThatUsersCopyWhole() throws Exception {
        assertThat(run(HEDDLE, "completion", "--help").out()).contains(
                "heddle completion | install -D /dev/stdin ~/.local/share/bash-completion/completions/heddle\n");
        assertThat(run(HEDDLE, "man", "--help").out())
                .contains("heddle man | install -D /dev/stdin ~/.local/share/man/man1/heddle.1\n");
        assertThat(run(HEDDLE, "serve", "--help").out()).doesNotContain("Default: []");
    }

    /** The archive of the first start, once it has been written. */
    private Path archiveIn(Path cache) throws Exception {
        Await.until("the archive is written", Duration.ofMinutes(2), () -> {
            if (!Files.isDirectory(cache.resolve("heddle"))) {
                return false;
            }
            try (Stream<Path> files = Files.list(cache.resolve("heddle"))) {
                List<Path> found = files.sorted().toList(); // its checksum is behind it
                return found.size() == 2 && Files.size(found.getFirst()) > 0;
            }
        });
        try (Stream<Path> files = Files.list(cache.resolve("heddle"))) {
            return files.sorted().findFirst().orElseThrow();
        }
    }

    @Test
    void theSecondStartUsesAnArchiveAndABrokenOneDoesNoHarm() throws Exception {
        Path cache = Files.createDirectory(directory.resolve("cache"));
        Map<String, String> environment = Map.of("XDG_CACHE_HOME", cache.toString());
        assertThat(run(environment, new byte[0], HEDDLE, "--version").err()).isEmpty();
        Path archive = archiveIn(cache);
        Finished traced = run(Map.of("XDG_CACHE_HOME", cache.toString(), "HEDDLE_JAVA_OPTS", "-Xlog:class+load:stdout"),
                new byte[0], HEDDLE, "--version");
        assertThat(traced.out().lines().filter(line -> line.contains(" dev.heddle.cli.HeddleCommand ")))
                .singleElement().asString().contains("shared objects file");

        Files.write(archive, "not an archive".getBytes(StandardCharsets.US_ASCII));
        Finished broken = run(environment, new byte[0], HEDDLE, "--version");
        assertThat(broken.out()).startsWith("heddle 0.");
        assertThat(List.of(broken.code(), broken.err())).isEqualTo(List.of(0, ""));
    }
}
