package dev.heddle.cli;

import static dev.heddle.cli.BuiltHeddle.HEDDLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.cli.BuiltHeddle.Finished;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The words of a command line mean what they say: none is read from a file, expanded, or relieved of its quotes. */
class ArgumentsIT {
    @TempDir
    private static Path directory;

    private static BuiltHeddle built;
    private static List<String> hostile; // words that a library for command lines may have ideas about

    @BeforeAll
    static void serve() throws Exception {
        built = new BuiltHeddle(directory);
        built.serve(Map.of(), "--no-auth");
        Path data = Files.writeString(directory.resolve("data.json"), "{\"user\": \"ada\"}\n");
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
        hostile = List.of("@" + data, "@" + directory, "@" + fifo, "@@" + data, "@missing", "@", "\"quoted\"", "'x'",
                "a \"b", "\"", "$HOME", "$$", "${env:HOME}", "${sys:user.home}", "${x:-${x}}", "", " ", "\\", "\\n",
                "%n", "#c", "a=b", "=", "-e", "A=1", "--env=A=1", "-nC/", "--directory", "--no-no-stdin", "--he",
                "--help", "--version", "-", "--", "-h", "_NULL_", "a,b|c;d", "*", "~", "{a,b}");
    }

    @AfterAll
    static void endAll() throws Exception {
        built.close();
    }

    private static Finished heddle(List<String> words) throws Exception {
        List<String> command = new ArrayList<>(List.of(HEDDLE));
        command.addAll(words);
        return built.run(Map.of("HEDDLE_HOST", built.address()), new byte[0], command.toArray(String[]::new));
    }

    private static Finished heddle(List<String> options, List<String> words) throws Exception {
        List<String> both = new ArrayList<>(options);
        both.addAll(words);
        return heddle(both);
    }

    private static String shown(List<String> words) {
        return words.stream().map(word -> "<" + word + ">").collect(Collectors.joining());
    }

    @Test
    void theRemoteCommandGetsItsWordsUnchanged() throws Exception {
        for (List<String> options : List.of(List.of("run", "-n", "printf", "<%s>"),
                List.of("run", "-n", "--", "printf", "<%s>"), List.of("sh", "-n", "printf '<%s>' \"$@\""),
                List.of("sh", "-n", "--", "printf '<%s>' \"$@\""))) {
            assertThat(heddle(options, hostile)).as(options.toString()).satisfies(finished -> {
                assertThat(finished.err()).isEmpty();
                assertThat(finished.out()).isEqualTo(shown(hostile));
            });
        }
        Finished started = heddle(List.of("start", "printf", "<%s>"), hostile);
        assertThat(started.err()).isEmpty();
        assertThat(heddle(List.of("logs", "-f", started.out().strip())).out()).isEqualTo(shown(hostile));
    }

    @Test
    void eachFirstWordIsTheProgram() throws Exception {
        for (String word : hostile) {
            if (!word.isEmpty() && !word.contains("/")) {
                assertThat(heddle(List.of("run", "-n", "--", word)).err()).as(word)
                        .contains("NOTFOUND program '" + word + "' not found");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"", "a\" b=c", "\"x=y\" z", "\\\"", "\\", "\"\"", "a\"\"b\"c", "'", "x=y", "=", "",
            "@/etc/passwd", "${env:HOME}", "$$", "_NULL_"})
    void aVariableGetsItsValueUnchanged(String value) throws Exception {
        Finished finished = heddle(List.of("run", "-n", "-e", "A=" + value, "-eB=" + value, "--env=C=" + value,
                "sh", "-c", "printf '<%s>' \"$A\" \"$B\" \"$C\""));
        assertThat(finished.err()).isEmpty();
        assertThat(finished.out()).isEqualTo(shown(List.of(value, value, value)));
    }

    @Test
    void aDirectoryIsTheOneThatIsNamed() throws Exception {
        Path odd = Files.createDirectory(directory.resolve("${env:HOME} \"$$'"));
        assertThat(heddle(List.of("run", "-n", "-C", odd.toString(), "pwd")).out()).isEqualTo(odd + "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "serve", "run", "sh", "shell", "start", "jobs", "logs", "wait", "kill", "token",
            "ready", "upper", "completion", "man", "rehearse"})
    void noCommandReadsItsArgumentsFromAFile(String command) throws Exception {
        Path file = Files.writeString(directory.resolve("args"), "--help\n");
        Finished finished = heddle(command.isEmpty() ? List.of("@" + file) : List.of(command, "@" + file));
        assertThat(finished.out()).isEmpty();
        assertThat(finished.err().lines()).singleElement().asString().contains("@" + file);
        assertThat(finished.code()).isNotZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            jobs  | HEDDLE_HOST   | ./a$$b/${user.home} | heddle: ./a$$b/${user.home}: No such file or directory
            jobs  | HEDDLE_HOST   | ${x:-${x}}          | heddle jobs: Invalid value for option '--host': '${x:-${x}}'
            serve | HEDDLE_LISTEN | ${x:-${x}}          | heddle serve: '${x:-${x}}' is no address
            serve | HEDDLE_LISTEN | $$${user.home}      | heddle serve: '$$${user.home}' is no address
            """)
    void aVariableThatStandsForAnOptionMeansWhatItSays(String command, String name, String value, String message)
            throws Exception {
        Finished finished = built.run(Map.of(name, value), new byte[0], HEDDLE, command);
        assertThat(finished.err().lines()).singleElement().asString().startsWith(message);
    }
}
