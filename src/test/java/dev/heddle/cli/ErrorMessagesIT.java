package dev.heddle.cli;

import static dev.heddle.cli.BuiltHeddle.HEDDLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.cli.BuiltHeddle.Finished;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What users read when something is wrong, and what sets it off: one line, which says what to do about it. */
class ErrorMessagesIT {
    private static final String PASSWORD = "open sesame";

    @TempDir
    private static Path directory;

    private static BuiltHeddle built;
    private static ServerSocket taken;
    private static Path foreign; // a file that belongs to somebody else

    @BeforeAll
    static void serve() throws Exception {
        built = new BuiltHeddle(directory);
        built.serve(Map.of("HEDDLE_PASSWORD", PASSWORD));
        taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        foreign = Path.of("/etc/passwd");
        if (System.getProperty("user.name").equals("root")) {
            foreign = Files.createFile(directory.resolve("foreign"));
            Files.setAttribute(foreign, "unix:uid", 65_534);
        }
    }

    @AfterAll
    static void endAll() throws Exception {
        taken.close();
        built.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bogus                                     | 2   | heddle: there is no command 'bogus' (see 'heddle --help')
            jobz                                      | 2   | heddle: there is no command 'jobz'; did you mean 'jobs'? (see 'heddle --help')
            --bogus                                   | 2   | heddle: Unknown option: '--bogus' (see 'heddle --help')
            ''                                        | 2   | heddle: which command? (see 'heddle --help')
            run -h SERVER -n no-such-program          | 127 | heddle: NOTFOUND program 'no-such-program' not found on the command's PATH
            run -h SERVER -n -C /no/such true         | 125 | heddle: BADDIR
            run -h SERVER -n /etc/passwd              | 126 | heddle: NOTEXEC
            run -h SERVER -n -t 100ms sleep 60        | 124 | heddle: the command's time was up
            run -h SERVER -n -t 5 true                | 255 | heddle run: Invalid value for option '--timeout': '5' is no duration like 500ms, 2s, 1m or 1h (see 'heddle run --help')
            jobs more                                 | 255 | heddle jobs: 'more' is one argument too many (see 'heddle jobs --help')
            run -h SERVER -n -e A true                | 255 | heddle run: Value for option '--env' (NAME=VALUE) should be in KEY=VALUE format but was A
            run -h SERVER -n uname␣-a                 | 127 | heddle: NOTFOUND program 'uname -a' not found on the command's PATH; shell lines go to SH, or 'heddle sh'
            run -h SERVER -n ls␣/tmp                  | 127 | heddle: NOTFOUND program 'ls /tmp' not found; shell lines go to SH, or 'heddle sh'
            run -h http://here:7379 -n true           | 255 | heddle run: Invalid value for option '--host': 'http://here:7379' is no server like host:7379 (see 'heddle run --help')
            run -h ./no.sock -n true                  | 255 | heddle: ./no.sock: No such file or directory
            run -h no/such.sock -n true               | 255 | heddle: no/such.sock: No such file or directory
            run -h SERVER -n --token-file FOREIGN true | 255 | heddle: SERVER: FOREIGN belongs to another user (uid
            run -h SERVER -n --token-file MISSING true | 255 | heddle: SERVER: there is no token file MISSING
            run -h SERVER -n --user ada true          | 255 | heddle: SERVER: WRONGPASS user 'ada' with the token in HEDDLE_PASSWORD is refused
            run -h :7379 -n true                      | 255 | heddle run: Invalid value for option '--host': ':7379' is no server like host:7379 (see 'heddle run --help')
            run -h redis://here:1 -n true             | 255 | heddle run: Invalid value for option '--host': 'redis://here:1' is no server like host:7379
            run -h here:0 -n true                     | 255 | heddle run: Invalid value for option '--host': 'here:0': a port is 1 to 65535 (see 'heddle run --help')
            run -h 127.0.0.1:1 -n true                | 255 | heddle: 127.0.0.1:1: Connection refused; is 'heddle serve' running there?
            run -h no.such.invalid -n true            | 255 | heddle: no.such.invalid:7379: unknown host no.such.invalid
            sh -h SERVER                              | 255 | heddle sh: Missing required parameter: 'SCRIPT' (see 'heddle sh --help')
            wait -h SERVER no-1                       | 125 | heddle: NOJOB
            logs -h SERVER no-1                       | 125 | heddle: NOJOB
            kill -h SERVER no-1                       | 125 | heddle: NOJOB
            serve --no-auth --listen TAKEN            | 1   | heddle serve: cannot listen on TAKEN: Address already in use; give another with --listen
            serve --no-auth --listen localhost:7379   | 2   | heddle serve: 'localhost:7379' is no address like resp://127.0.0.1:7379
            serve --no-auth --listen resp://127.0.0.1:0 --log-level chatty --cgroup /no/such --engine native | 2 | heddle serve: Invalid value for option '--log-level': expected one of [ERROR, WARN, INFO, DEBUG] (case-insensitive) but was 'chatty'
            serve --no-auth --listen resp://127.0.0.1:99999 | 2 | heddle serve: 'resp://127.0.0.1:99999': a port is at most 65535
            serve --no-auth --listen resp://127.0.0.1:0 --print-addresses /no/such/file | 1 | heddle serve: cannot write /no/such/file: there is no directory /no/such
            serve --log-level loud                    | 2   | heddle serve: Invalid value for option '--log-level': expected one of [ERROR, WARN, INFO, DEBUG]
            serve --no-auth --max-waiting=-1          | 2   | heddle serve: --max-waiting is not less than 0
            serve --no-auth --max-kept=-1             | 2   | heddle serve: --max-kept is not less than 0
            serve --no-auth --ready-timeout 0s        | 2   | heddle serve: --ready-timeout is more than 0
            serve --no-auth --listen resp://127.0.0.1:0 --metrics a^b:1 | 2 | heddle serve: --metrics needs a host and a port, as in 127.0.0.1:9464, not 'a^b:1'
            serve --no-auth --cgroup /no/such --engine native --listen resp://127.0.0.1:0 | 2 | heddle serve: the native engine cannot run here: no control group can be made in /no/such: there is no such directory
            """)
    void tellsWhatToDo(String arguments, int code, String message) throws Exception {
        List<String> command = new ArrayList<>(List.of(HEDDLE));
        Arrays.stream(arguments.split(" ")).filter(word -> !word.isEmpty())
                .map(word -> word.replace('␣', ' ')).map(ErrorMessagesIT::filledIn).forEach(command::add);
        Finished finished = run(arguments.startsWith("serve") ? "" : PASSWORD, command);
        assertThat(finished.err().lines()).singleElement().asString().startsWith(filledIn(message)).doesNotContain("Exception");
        assertThat(finished.code()).isEqualTo(code);
        assertThat(finished.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''    | heddle: the server wants a token: give --token-file, or set HEDDLE_PASSWORD
            wrong | heddle: SERVER: WRONGPASS user 'default' with the token in HEDDLE_PASSWORD is refused
            """)
    void whoMayNotInIsToldHow(String password, String message) throws Exception {
        Finished finished = run(password, List.of(HEDDLE, "run", "-h", address(), "-n", "true"));
        assertThat(finished.err().lines()).singleElement().asString().startsWith(filledIn(message));
        assertThat(finished.code()).isEqualTo(255);
    }

    private static String filledIn(String text) {
        return text.replace("TAKEN", "resp://127.0.0.1:" + taken.getLocalPort()).replace("SERVER", address())
                .replace("FOREIGN", foreign.toString()).replace("MISSING", directory.resolve("missing").toString());
    }

    private static Finished run(String password, List<String> command) throws Exception {
        return built.run(Map.of("HEDDLE_PASSWORD", password), new byte[0], command.toArray(String[]::new));
    }

    private static String address() {
        try {
            return built.address();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
