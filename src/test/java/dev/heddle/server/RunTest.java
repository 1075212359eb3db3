package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** RUN and SH against real programs. */
@ParameterizedClass
@EnumSource(Variant.class)
class RunTest {
    @Parameter
    private Variant variant;

    @TempDir
    private Path directory;

    private final String mark = UUID.randomUUID().toString();
    private TestServer server;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(variant);
        client = server.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void answersStateCodeOutputAndUsage() throws Exception {
        Reply reply = client.run("SH", "echo out; echo err >&2; exit 3");
        assertThat(reply.state()).isEqualTo("exited");
        assertThat(reply.code()).isEqualTo(3);
        assertThat(reply.out()).isEqualTo("out\n");
        assertThat(reply.err()).isEqualTo("err\n");
        assertThat(reply.usage()).hasSize(7);
        assertThat(reply.usage().get(0)).isBetween(1L, 20_000_000L);
        assertThat(reply.usage().subList(4, 7)).containsExactly(4L, 4L, 0L);
    }

    @Test
    void answersInTheLiteralFormOfTheProtocol() throws Exception {
        client.send("RUN printf %s abc\r\n");
        assertThat(client.readText(40)).isEqualTo("*5\r\n$6\r\nexited\r\n:0\r\n$3\r\nabc\r\n$0\r\n\r\n*7\r\n:")
                .as("array of five, bulk strings, the code an integer");
    }

    @Test
    void passesArgumentsUnchanged() throws Exception {
        Reply reply = client.run("RUN", "printf", "%s|", "a b", "", "*", "$HOME", "'\"\\", "欢迎", "-x", "--");
        assertThat(reply.out()).isEqualTo("a b||*|$HOME|'\"\\|欢迎|-x|--|");
    }

    @Test
    void givesScriptsTheirArguments() throws Exception {
        assertThat(client.run("SH", "printf '%s.' \"$0\" \"$@\"", "a b", "$(id)").out()).isEqualTo("sh.a b.$(id).");
    }

    @Test
    void optionsEndAtTheFirstOtherWord() throws Exception {
        assertThat(client.run("RUN", "env").out()).contains("PATH=");
        assertThat(client.run("RUN", "MERGE", "--", "echo", "TIMEOUT", "x").out()).isEqualTo("TIMEOUT x\n");
        assertThat(client.run("RUN", "echo", "TIMEOUT", "--", "x").out()).isEqualTo("TIMEOUT -- x\n");
    }

    @Test
    void runsInADirectory() throws Exception {
        assertThat(client.run("RUN", "CWD", directory.toString(), "pwd").out()).isEqualTo(directory + "\n");
    }

    @Test
    void looksProgramsUpInTheChildsDirectoryAndPath() throws Exception {
        Path script = Files.writeString(directory.resolve("hello-" + mark), "#!/bin/sh\necho found\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        String name = script.getFileName().toString();
        assertThat(client.run("RUN", "CWD", directory.toString(), "./" + name).out()).isEqualTo("found\n");
        assertThat(client.run("RUN", "ENV", "PATH", directory + ":/bin:/usr/bin", name).out())
                .isEqualTo("found\n");
        assertThat(client.run("RUN", "CWD", directory.toString(), "ENV", "PATH", "", name).out())
                .isEqualTo("found\n");
        assertError(client.call("RUN", name), "NOTFOUND program 'hello-");
    }

    @Test
    void setsVariablesAndPassesNoneOfTheServersSecrets() throws Exception {
        assertThat(System.getenv()).containsKey("HEDDLE_TEST_SECRET"); // set by the build
        Reply reply = client.run("RUN", "ENV", "A", "1=2", "ENV", "B", "", "ENV", "PATH", "/bin:/usr/bin", "env");
        assertThat(reply.out().lines()).contains("A=1=2", "B=", "PATH=/bin:/usr/bin");
        assertThat(reply.out().lines().map(line -> line.replaceFirst("=.*", "")))
                .allMatch(name -> name.matches("A|B|PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TMPDIR"));
    }

    @Test
    void childrenSeeOnlyTheirOwnDescriptors() throws Exception {
        try (RawClient other = server.connect()) {
            assertThat(other.run("RUN", "true").code()).isZero();
            assertThat(client.run("SH", "ls /proc/$$/fd").out().split("\\s+")).containsExactly("0", "1", "2");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            RUN no-such-program            | NOTFOUND program 'no-such-program' not found on the command's PATH
            RUN /no/such/program           | NOTFOUND program '/no/such/program' not found
            RUN /etc/passwd              | NOTEXEC '/etc/passwd' is not an executable file
            RUN /etc                       | NOTEXEC '/etc' is not an executable file
            RUN ''                         | NOTFOUND the program's name is empty
            RUN CWD /no/such/dir true      | BADDIR directory '/no/such/dir' not found
            RUN CWD /etc/passwd true     | BADDIR '/etc/passwd' is not a directory
            RUN TIMEOT 5 -- ls             | ERR syntax: unknown option 'TIMEOT'; known: CWD dir
            RUN TIMEOUT 0 ls               | ERR syntax: TIMEOUT is a number from 1 to
            RUN TIMEOUT soon ls            | ERR syntax: TIMEOUT is a number from 1 to
            RUN TIMEOUT                    | ERR syntax: TIMEOUT needs a value
            RUN TIMEOUT 5                  | ERR syntax: a program is missing
            RUN --                         | ERR syntax: a program is missing
            RUN MAXOUT 0 ls                | ERR syntax: MAXOUT is a number from 1 to
            RUN LIMIT maybe ls             | ERR syntax: LIMIT takes keep or kill
            RUN ENV A=B x ls               | ERR syntax: ENV takes a name without '='
            RUN ENV '' x ls                | ERR syntax: ENV takes a name without '='
            RUN                            | ERR wrong number of arguments for 'run' command
            SH MERGE                       | ERR syntax: a script is missing
            FROBNICATE a b                 | ERR unknown command 'FROBNICATE', with args beginning with: 'a' 'b'
            """)
    void mistakesAreAnsweredAndTheConnectionGoesOn(String line, String error) throws Exception {
        client.send(line + "\r\n");
        assertError(client.read(), error);
        assertThat(client.run("RUN", "echo", "on").out()).isEqualTo("on\n");
    }

    @Test
    void anArgumentWithANulByteIsRefused() throws Exception {
        assertError(client.call("RUN", "echo", "a\0b"), "ERR an argument contains a NUL byte");
        assertError(client.call("RUN", "ENV", "A", "a\0b", "echo"), "ERR an argument contains a NUL byte");
        assertError(client.call("RUN", "CWD", "/tmp\0", "echo"), "ERR an argument contains a NUL byte");
        assertThat(client.run("RUN", "echo", "on").out()).isEqualTo("on\n");
    }

    @Test
    void anArgvOverTheKernelsLimitIsRefused() throws Exception {
        String[] words = new String[100];
        Arrays.fill(words, "x".repeat(100_000));
        words[0] = "RUN";
        words[1] = "true";
        assertError(client.call(words), "TOOBIG the argument list is too long");
        assertError(client.call("RUN", "true", "x".repeat(200_000)), "TOOBIG the argument list is too long");
        assertThat(client.run("RUN", "echo", "on").out()).isEqualTo("on\n");
    }

    @Test
    void pipelinedCommandsAreAnsweredInOrder() throws Exception {
        client.send("PING a\r\nSH \"sleep 0.2; echo 1\"\r\nPING b\r\nRUN nosuch\r\nRUN echo 2\r\nPING c\r\n");
        assertThat(client.read()).asString().contains("a");
        assertThat(Reply.of(client.read()).out()).isEqualTo("1\n");
        assertThat(client.read()).asString().contains("b");
        assertError(client.read(), "NOTFOUND");
        assertThat(Reply.of(client.read()).out()).isEqualTo("2\n");
        assertThat(client.read()).asString().contains("c");
    }

    @Test
    void anEarlierReplyDoesNotWaitForALongerCommand() throws Exception {
        client.send("PING first\r\nRUN echo second\r\nRUN sleep 60\r\n");
        assertThat(client.read()).asString().contains("first");
        assertThat(Reply.of(client.read()).out()).isEqualTo("second\n");
    }

    @Test
    void manyMoreThanTheQueueTakesArePipelined() throws Exception {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            requests.append("RUN echo ").append(i).append("\r\n");
        }
        client.send(requests.toString());
        for (int i = 0; i < 300; i++) {
            assertThat(Reply.of(client.read()).out()).isEqualTo(i + "\n");
        }
    }

    private static void assertError(RespValue reply, String start) {
        assertThat(reply).isInstanceOf(ErrorReply.class);
        assertThat(((ErrorReply) reply).text()).startsWith(start);
    }
}
