package dev.heddle.cli;

import static dev.heddle.cli.BuiltHeddle.HEDDLE;
import static dev.heddle.cli.BuiltHeddle.TARGET;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.cli.BuiltHeddle.Finished;
import dev.heddle.server.ServerConfig.Ancestors;
import dev.heddle.testing.Await;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bytes in, the same bytes out: whatever the locale of the client is, or that of the server. What is no text cannot be
 * handed over by Java, so shells start all here. Output is compared as Latin-1, in which every byte is a character.
 */
class BytesIT {
    /** Text, what is no text, a replacement character, and text again: for printf(1), and as it comes out. */
    private static final String PRINTF = "\\303\\251\\351\\200\\303(\\357\\277\\275\\346\\254\\242";
    private static final String ODD = "\u00c3\u00a9\u00e9\u0080\u00c3(\u00ef\u00bf\u00bd\u00e6\u00ac\u00a2";
    private static final String TEXT = "h\u00c3\u00a9"; // hé
    /** Without the start script, and so with what the JVM makes of the locale. */
    private static final String JAR = Path.of(System.getProperty("java.home"), "bin", "java")
            + " --enable-preview -jar " + TARGET.resolve("heddle.jar");

    /** The usual one: each of these homes would have an archive of classes written for it. */
    private static final String CACHE = System.getenv().getOrDefault("XDG_CACHE_HOME",
            Path.of(System.getProperty("user.home"), ".cache").toString());

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

    /**
     * A shell with an environment of its own: {@code $heddle} is what starts it, {@code $odd} the bytes.
     *
     * @param locale a variable; en_US.UTF-8 is not installed on many hosts, where the JVM then knows ASCII only
     */
    private List<String> shell(String locale, String heddle, String host, String script) {
        return List.of("env", "-i", "PATH=" + System.getenv("PATH"), "HOME=" + directory,
                "XDG_CONFIG_HOME=" + directory.resolve("no-config"), "XDG_CACHE_HOME=" + CACHE, "HEDDLE_HOST=" + host,
                locale, "heddle=" + heddle, "sh", "-c", "odd=$(printf '" + PRINTF + "'); cd \"$HOME\"; " + script);
    }

    private Finished run(String locale, String heddle, String host, String script) throws Exception {
        return built.run(shell(locale, heddle, host, script).toArray(String[]::new));
    }

    private static String host(TestServer server) {
        return "127.0.0.1:" + server.port();
    }

    private static String out(Finished finished) {
        assertThat(finished.err()).isEmpty();
        return new String(finished.stdout(), StandardCharsets.ISO_8859_1);
    }

    /** Starts a server from a shell, in which a command may set variables first; returns its address. */
    private String serve(String locale, String first, String options) throws Exception {
        Path addresses = directory.resolve("addresses");
        Files.deleteIfExists(addresses);
        Path log = directory.resolve("serve.log");
        List<String> command = new ArrayList<>(shell(locale, HEDDLE, "", first + "; exec $heddle serve --listen"
                + " resp://127.0.0.1:0 --print-addresses addresses " + options + " > serve.log 2>&1"));
        Process process = built.start(command.toArray(String[]::new));
        Await.until("the server is up", Duration.ofSeconds(60), () -> {
            assertThat(process.isAlive()).as(Files.exists(log) ? Files.readString(log) : "").isTrue();
            return Files.exists(addresses);
        });
        return Files.readAllLines(addresses).getFirst().replace("resp://", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"LANG=en_US.UTF-8", "LC_ALL=C", "LC_ALL=C.UTF-8", "LANG="})
    void theClientSendsTheBytesOfItsWords(String locale) throws Exception {
        try (TestServer server = TestServer.start(Variant.VIRTUAL_NATIVE)) {
            for (String heddle : List.of(HEDDLE, JAR)) {
                assertThat(out(run(locale, heddle, host(server), "$heddle run -n -- printf %s \"$odd\"")))
                        .isEqualTo(ODD);
                assertThat(out(run(locale, heddle, host(server), """
                        mkdir -p "$odd"
                        script="echo '$odd' \\"\\$1\\" \\"\\$V\\" \\"\\${PWD##*/}\\""
                        $heddle sh -n -C "$HOME/$odd" -e "V=$odd" "$script" "$odd"
                        """))).isEqualTo(ODD + " " + ODD + " " + ODD + " " + ODD + "\n");
            }
        }
    }

    @Test
    void everyByteIsAnArgument() throws Exception {
        try (TestServer server = TestServer.start(Variant.VIRTUAL_NATIVE)) {
            Finished finished = run("LC_ALL=C", HEDDLE, host(server), """
                    bytes=; i=1
                    while [ $i -lt 256 ]; do bytes="$bytes\\\\$(printf %03o $i)"; i=$((i + 1)); done
                    all=$(printf "${bytes}x")
                    $heddle run -n -- printf %s. "$all" '' "$all"
                    """);
            StringBuilder all = new StringBuilder();
            for (int b = 1; b < 256; b++) {
                all.append((char) b);
            }
            assertThat(out(finished)).isEqualTo(all + "x.." + all + "x.");
        }
    }

    @Test
    void promptsSendTheBytesOfLinesFromPipes() throws Exception {
        try (TestServer server = TestServer.start(Variant.VIRTUAL_NATIVE);
                TestServer ready = TestServer.start(Variant.VIRTUAL_NATIVE, "ready://127.0.0.1:0", Ancestors.DEFAULT);
                TestServer upper = TestServer.start(Variant.VIRTUAL_NATIVE, "upper://127.0.0.1:0", Ancestors.DEFAULT)) {
            assertThat(out(run("LC_ALL=C", HEDDLE, host(server), """
                    mkdir "$odd "
                    printf "cd '$HOME/$odd '\\nbasename \\"\\$PWD\\"\\necho '$odd'\\303" | $heddle shell
                    """)))
                    .isEqualTo(ODD + " \n" + ODD + "\u00c3\n");
            assertThat(out(run("LC_ALL=C", HEDDLE, "", "echo \"echo '$odd'\" | $heddle ready " + host(ready))))
                    .isEqualTo(ODD + "\n");
            String raised = ODD.replace("\u00c3\u00a9", "\u00c3\u0089"); // é becomes É, and nothing else changes
            assertThat(out(run("LC_ALL=C", HEDDLE, "", "echo $odd | $heddle upper " + host(upper))))
                    .isEqualTo(raised + "\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"native, virtual, LC_ALL=C", "native, platform, LANG=en_US.UTF-8", "native, virtual, LANG=",
        "jdk, virtual, LC_ALL=C", "jdk, platform, LANG="})
    void commandsGetTheServersEnvironmentAsItWas(String engine, String threads, String locale) throws Exception {
        String odd = engine.equals("native") ? "$odd" : "h\u00e9";
        String host = serve(locale, "bin=\"$HOME/" + odd + "/bin\"; mkdir -p \"$bin\"; cp /bin/echo \"$bin/its-own\"; "
                + "export HOME=\"$HOME/" + odd + "\" PATH=\"$PATH:$bin\" LC_NAME=\"" + odd + "\"",
                "--no-auth --engine " + engine + " --threads " + threads);
        String expected = engine.equals("native") ? ODD : TEXT;
        assertThat(out(run("LC_ALL=C.UTF-8", HEDDLE, host, "$heddle sh -n 'echo \"$HOME\" \"$LC_NAME\"'")))
                .isEqualTo(directory + "/" + expected + " " + expected + "\n");
        assertThat(out(run("LC_ALL=C.UTF-8", HEDDLE, host, "$heddle run -n its-own found"))).isEqualTo("found\n");
        assertThat(out(run("LC_ALL=C.UTF-8", HEDDLE, host, "$heddle run -n env")).lines()
                .filter(line -> line.matches("(LC_(ALL|CTYPE)|LANG|HEDDLE.*)=.*"))).as("of the start script's own")
                .containsExactly(locale);
    }

    @Test
    void thePortableEngineRefusesWhatItCannotPassOn() throws Exception {
        String host = serve("LC_ALL=C", "export LC_NAME=\"$odd\"", "--no-auth --engine jdk");
        Finished refused = run("LC_ALL=C", HEDDLE, host, "$heddle run -n true");
        assertThat(refused.code()).isEqualTo(125);
        assertThat(refused.err()).isEqualTo("heddle: ERR the variable LC_NAME has bytes that are no UTF-8 text, which"
                + " the server's jdk engine cannot pass on\n");
        assertThat(out(run("LC_ALL=C", HEDDLE, host, "$heddle run -n -e LC_NAME=h\u00e9 -- echo h\u00e9")))
                .isEqualTo(TEXT + "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"LC_ALL=C", "LANG=en_US.UTF-8"})
    void filesAreThoseThatWereNamed(String locale) throws Exception {
        Path folder = Files.createDirectory(directory.resolve("h\u00e9"));
        Path copy = Files.copy(Path.of(HEDDLE), folder.resolve("copy"));
        assertThat(copy.toFile().setExecutable(true)).isTrue();
        String socket = folder.resolve("s").toString();
        String own = "export XDG_CONFIG_HOME=$HOME/h\u00e9 XDG_CACHE_HOME=/dev/null; heddle=" + copy;
        serve(locale, own, "--audit-log h\u00e9/audit --listen resp+unix://" + socket);
        assertThat(out(run(locale, HEDDLE, socket, own + "; $heddle run -n echo 1"))).isEqualTo("1\n");
        assertThat(out(run(locale, HEDDLE, "resp+unix://" + socket, "$heddle run -n echo 2"))).isEqualTo("2\n");
        assertThat(folder.resolve("audit")).isNotEmptyFile();
        assertThat(folder.resolve("heddle/token")).isNotEmptyFile();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            serve --no-auth --audit-log "$odd/a"              | 2   | Invalid value for option '--audit-log': Java
            serve --no-auth --listen "resp+unix://$HOME/$odd" | 2   | heddle serve: Java cannot open a file here
            serve --no-auth --listen resp+unix:///tmp/%E9     | 2   | heddle serve: Java cannot open a file here
            run -h "./$odd" true                              | 255 | Invalid value for option '--host': Java
            run -h resp+unix:///tmp/%E9 true                  | 255 | Invalid value for option '--host': Java
            """)
    void namesThatJavaCannotOpenAreRefused(String arguments, int code, String message) throws Exception {
        for (String heddle : List.of(HEDDLE, JAR)) {
            Finished refused = run("LC_ALL=C", heddle, "", "mkdir -p \"$odd\"; $heddle " + arguments);
            // Java 21 warns of native calls, unless it was told of them.
            assertThat(refused.err().lines().filter(line -> !line.startsWith("WARNING: ") && !line.isEmpty()))
                    .singleElement().asString().contains(message)
                    .contains("Java cannot open a file here whose name is no text in").doesNotContain("Exception");
            assertThat(refused.code()).isEqualTo(code);
        }
        assertThat(entries(directory).filter(file -> file.getFileName().toString().contains("\ufffd"))
                .flatMap(BytesIT::entries)).as("no file of this or a similar name was made").isEmpty();
    }

    private static Stream<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void variablesThatNameSuchFilesAreRefused() throws Exception {
        Finished home = run("LC_ALL=C", HEDDLE, "", "unset XDG_CONFIG_HOME; HOME=\"$HOME/$odd\" $heddle serve");
        assertThat(home.err()).startsWith("heddle serve: HOME: Java cannot open a file here whose name is no text in");
        assertThat(home.code()).isEqualTo(2);
        try (TestServer server = TestServer.start(Variant.VIRTUAL_NATIVE)) {
            Finished token = run("LC_ALL=C", HEDDLE, host(server), "HEDDLE_TOKEN_FILE=\"$odd\" $heddle run -n true");
            assertThat(token.err()).contains(": HEDDLE_TOKEN_FILE: Java cannot open a file here");
            assertThat(token.code()).isEqualTo(255);
            Finished unneeded = run("LC_ALL=C", HEDDLE, host(server), "HOME=\"$HOME/$odd\" $heddle run -n echo 1");
            assertThat(out(unneeded)).isEqualTo("1\n");
        }
    }

    /** In the C locale all these were two replacement characters, and so the same. */
    @Test
    void passwordsThatAreAlikeAreNotTheSame() throws Exception {
        String host = serve("LC_ALL=C", "export HEDDLE_PASSWORD=h\u00e9", "");
        String command = "export HEDDLE_PASSWORD=PASSWORD; $heddle run -n echo in";
        assertThat(out(run("LC_ALL=C", HEDDLE, host, command.replace("=PASSWORD", "=" + "h\u00e9")))).isEqualTo("in\n");
        for (String other : List.of("h\u00e8", "h\ufffd\ufffd", "h??")) {
            Finished refused = run("LC_ALL=C", HEDDLE, host, command.replace("=PASSWORD", "=" + other));
            assertThat(List.of(refused.code(), refused.out())).as(other).isEqualTo(List.of(255, ""));
        }
    }

    @Test
    void whatHeddleSaysIsUtf8() throws Exception {
        Finished refused = run("LC_ALL=C", HEDDLE, "", "$heddle h\u00e9");
        assertThat(refused.err()).startsWith("heddle: there is no command 'h\u00e9'");
        serve("LC_ALL=C", "export XDG_CONFIG_HOME=$HOME/h\u00e9", "");
        String invitation = "$(cat '" + directory + "/h\u00e9/heddle/token')";
        Path log = directory.resolve("serve.log");
        Await.until("it says how to come in", () -> Files.readString(log).contains(invitation));
    }
}
