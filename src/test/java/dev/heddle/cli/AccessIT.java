package dev.heddle.cli;

import static dev.heddle.cli.BuiltHeddle.HEDDLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heddle.access.TokenHash;
import dev.heddle.cli.BuiltHeddle.Finished;
import dev.heddle.testing.Await;
import dev.heddle.testing.OwnFile;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who can use a server, and who cannot, with the built files and a configuration folder of the test's own. */
class AccessIT {
    private static final int NOBODY = 65534;

    @TempDir
    private Path directory;

    private BuiltHeddle built;
    private Map<String, String> owner;

    @BeforeEach
    void prepare() {
        built = new BuiltHeddle(directory);
        owner = Map.of("XDG_CONFIG_HOME", directory.resolve("config").toString(), "HEDDLE_PASSWORD", "");
    }

    @AfterEach
    void endAll() throws InterruptedException {
        built.close();
    }

    private Path token() {
        return directory.resolve("config/heddle/token");
    }

    private Finished heddle(Map<String, String> environment, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(words));
        command.addFirst(HEDDLE);
        return built.run(environment, new byte[0], command.toArray(String[]::new));
    }

    private Map<String, String> stranger() {
        return Map.of("XDG_CONFIG_HOME", directory.resolve("other").toString(), "HEDDLE_PASSWORD", "");
    }

    @Test
    void aTokenMayComeFromAPipe() throws Exception {
        built.serve(owner);
        for (String run : List.of("\"$0\" run -h \"$1\" -n --token-file <(cat \"$2\") uname",
                "cat \"$2\" | \"$0\" run -h \"$1\" -n --token-file /dev/stdin uname")) {
            Finished piped = built.run(stranger(), new byte[0], "bash", "-c", run, HEDDLE, built.address(),
                    token().toString());
            assertThat(piped.err()).isEmpty();
            assertThat(piped.out()).isEqualTo("Linux\n");
        }
    }

    @Test
    void aServerWithoutConfigurationIsItsOwnersAlone() throws Exception {
        built.serve(owner);
        String secret = Files.readString(token()).strip();
        assertThat(secret).hasSize(43);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token()))).isEqualTo("rw-------");
        Finished mine = heddle(owner, "run", "-h", built.address(), "-n", "uname");
        assertThat(mine.err()).isEmpty();
        assertThat(mine.out()).isEqualTo("Linux\n");
        Finished theirs = heddle(stranger(), "run", "-h", built.address(), "-n", "uname");
        assertThat(theirs.code()).isEqualTo(255);
        assertThat(theirs.err()).isEqualTo(
                "heddle: the server wants a token: give --token-file, or set HEDDLE_PASSWORD\n");
        assertThat(heddle(stranger(), "run", "-h", built.address(), "--token-file", token().toString(), "-n", "uname")
                .out()).isEqualTo("Linux\n");
        String port = built.address().replaceAll(".*:", "");
        String line = "REDISCLI_AUTH=$(cat " + token() + ") redis-cli -h 127.0.0.1 -p " + port + " RUN uname";
        assertThat(Files.readString(built.log())).contains("try it: " + line + "\n").doesNotContain(secret);
        if (built.run("sh", "-c", "command -v redis-cli").code() == 0) {
            assertThat(built.run("sh", "-c", line).out()).startsWith("exited\n0\nLinux\n");
        }
    }

    @Test
    void theTokenIsMadeOnceAndRefusedWhenOthersCanReadIt() throws Exception {
        built.serve(owner).destroy();
        String secret = Files.readString(token());
        Files.delete(directory.resolve("addresses"));
        Process second = built.serve(owner);
        assertThat(Files.readString(token())).isEqualTo(secret);
        second.destroy();
        second.waitFor();
        Files.setPosixFilePermissions(token(), PosixFilePermissions.fromString("rw-r--r--"));
        Finished refused = heddle(owner, "serve", "--listen", "resp://127.0.0.1:0");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).isEqualTo("heddle serve: " + token() + " is open to other users: chmod 600 "
                + token() + "\n");
        assertThat(heddle(owner, "run", "-h", built.address(), "-n", "--token-file", token().toString(), "true").err())
                .as("nobody listens any more").contains("refused");
    }

    /** The other user can even run the program of the server's, and read what it says, but not its token. */
    @Test
    void anotherLocalUserCanRunNothing() throws Exception {
        assumeThat(System.getProperty("user.name")).as("may become somebody else").isEqualTo("root");
        assumeThat(built.run("sh", "-c", "command -v setpriv").code()).isZero();
        built.serve(owner);
        Path open = Files.createTempDirectory("heddle-for-all");
        try {
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
            Path program = Files.copy(Path.of(HEDDLE), open.resolve("heddle"), StandardCopyOption.COPY_ATTRIBUTES);
            List<String> other = List.of("setpriv", "--reuid", "" + NOBODY, "--regid", "" + NOBODY, "--clear-groups",
                    program.toString(), "run", "-h", built.address(), "-n");
            Map<String, String> environment = new HashMap<>(owner);
            environment.put("HOME", "/nonexistent");
            Path proof = directory.resolve("proof");
            Finished without = run(environment, other, "touch", proof.toString());
            assertThat(without.code()).as(without.err()).isEqualTo(255);
            assertThat(without.err()).contains("wants a token");
            assertThat(run(environment, other, "--token-file", token().toString(), "touch", proof.toString()).code())
                    .isEqualTo(255);
            environment.put("HEDDLE_PASSWORD", "guess");
            assertThat(run(environment, other, "touch", proof.toString()).err()).contains("WRONGPASS");
            assertThat(proof).doesNotExist();
            environment.put("HEDDLE_PASSWORD", Files.readString(token()).strip());
            assertThat(run(environment, other, "touch", proof.toString()).err()).isEmpty();
            assertThat(proof).as("it was the token alone").exists();
        } finally {
            Files.deleteIfExists(open.resolve("heddle"));
            Files.delete(open);
        }
    }

    private Finished run(Map<String, String> environment, List<String> words, String... more) throws Exception {
        List<String> command = new ArrayList<>(words);
        command.addAll(List.of(more));
        return built.run(environment, new byte[0], command.toArray(String[]::new));
    }

    @Test
    void theTokenGoesToNoOtherMachineByItself() throws Exception {
        Optional<String> outside = NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .map(InetAddress::getHostAddress).findFirst();
        assumeThat(outside).isPresent();
        built.serve(owner, "--listen", "resp://0.0.0.0:0", "--allow-plaintext");
        String port = Files.readAllLines(directory.resolve("addresses")).getLast().replaceAll(".*:", "");
        String host = outside.get() + ":" + port;
        assertThat(heddle(owner, "run", "-h", host, "-n", "uname").err()).contains("wants a token");
        assertThat(heddle(owner, "run", "-h", "localhost:" + port, "-n", "uname").out()).isEqualTo("Linux\n");
        assertThat(heddle(owner, "run", "-h", host, "--token-file", token().toString(), "-n", "uname").out())
                .as("asked for").isEqualTo("Linux\n");
    }

    @Test
    void usersHaveTokensAndAreReadAgainOnHangUp() throws Exception {
        Path secret = directory.resolve("ci.token");
        Finished made = heddle(owner, "token", "--user", "ci", "--out", secret.toString());
        assertThat(made.out()).isEqualTo("ci:\n  sha256: " + TokenHash.of(Files.readString(secret).strip()) + "\n");
        assertThat(heddle(owner, "token", "--out", secret.toString()).err()).endsWith("is there already\n");
        Finished shown = heddle(owner, "token");
        assertThat(shown.err()).isEqualTo("default:\n  sha256: " + TokenHash.of(shown.out().strip()) + "\n");
        assertThat(heddle(owner, "token", "--user", "c i").code()).isEqualTo(2);
        Path users = OwnFile.write(directory.resolve("users.yaml"),
                made.out() + "  policy:\n    programs: [/bin/echo]\n");
        Process server = built.serve(owner, "--users", users.toString());
        assertThat(token()).doesNotExist();
        String[] echo = {"run", "-h", built.address(), "--user", "ci", "--token-file", secret.toString(), "-n", "echo"};
        assertThat(heddle(owner, echo).out()).isEqualTo("\n");
        echo[echo.length - 1] = "uname";
        Finished denied = heddle(owner, echo);
        assertThat(denied.code()).isEqualTo(125);
        assertThat(denied.err()).isEqualTo("heddle: DENIED 'uname' is not in your policy\n");
        Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-rw-rw-")); // no change of the content
        assertThat(built.run("kill", "-HUP", Long.toString(server.pid())).code()).isZero();
        Await.until("it was read again", () -> Files.readString(built.log())
                .contains("the users stay as they are: " + users + " is open to other users: chmod go-w"));
        echo[echo.length - 1] = "echo";
        assertThat(heddle(owner, echo).out()).isEqualTo("\n");
    }

    @Test
    void nothingOfTheServersEnvironmentReachesACommand() throws Exception {
        Map<String, String> environment = new HashMap<>(owner);
        environment.putAll(Map.of("HEDDLE_PASSWORD", "hidden-1", "HEDDLE_TEST_SECRET", "hidden-2",
                "HEDDLE_MAX_WAIT", "9s", "AWS_SECRET_ACCESS_KEY", "hidden-3", "LD_AUDIT", "", "BASH_ENV", "/dev/null", "LC_ALL", "C.UTF-8"));
        built.serve(environment);
        Finished env = heddle(environment, "run", "-h", built.address(), "-n", "env");
        Set<String> names = env.out().lines().map(line -> line.replaceAll("=.*", "")).collect(Collectors.toSet());
        assertThat(names).contains("PATH", "LC_ALL").isSubsetOf("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG",
                "TZ", "TMPDIR", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_TIME", "LC_NUMERIC", "LC_COLLATE", "LC_MONETARY");
        assertThat(env.out()).doesNotContain("hidden");
        assertThat(Files.readString(built.log())).doesNotContain("hidden");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            secret | --no-auth                                      | 2 | unset it, or leave out --no-auth
            secret | --users bad.yaml                               | 2 | unset it, and put a user 'default'
                   | --users bad.yaml --no-auth                     | 2 | leave one of them out
                   | --users none.yaml                              | 1 | none.yaml cannot be read: no such file
                   | --users bad.yaml                               | 1 | bad.yaml, line 1: a user without sha256
                   | --no-auth --listen resp://0.0.0.0:0            | 2 | --no-auth is for loopback addresses only
                   | --listen resp://0.0.0.0:0                      | 2 | --allow-plaintext
                   | --listen ready://127.0.0.1:0                   | 2 | --trust-local-users
            """)
    void unsafeStartsAreRefused(String password, String options, int code, String advice) throws Exception {
        OwnFile.write(directory.resolve("bad.yaml"), "ci: {}\n");
        Map<String, String> environment = new HashMap<>(owner);
        environment.put("HEDDLE_PASSWORD", password == null ? "" : password);
        List<String> command = new ArrayList<>(List.of("timeout", "30", HEDDLE, "serve"));
        for (String word : options.split(" ")) {
            command.add(word.replaceAll("^(bad|none)", directory + "/$1"));
        }
        Finished refused = built.run(environment, new byte[0], command.toArray(String[]::new));
        assertThat(refused.err()).contains(advice).hasLineCount(1);
        assertThat(refused.code()).isEqualTo(code);
    }

    @Test
    void withoutAFolderForTheTokenItSaysWhatToDo() throws Exception {
        Finished refused = built.run("env", "-u", "HOME", "-u", "XDG_CONFIG_HOME", "-u", "HEDDLE_PASSWORD", HEDDLE,
                "serve", "--listen", "resp://127.0.0.1:0");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("HOME", "HEDDLE_PASSWORD", "--users FILE", "--no-auth").hasLineCount(1);
    }

    @Test
    void theFolderMayBeMissingOrUnusable() throws Exception {
        Files.writeString(directory.resolve("config"), "a file");
        Finished refused = heddle(owner, "serve", "--listen", "resp://127.0.0.1:0");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).startsWith("heddle serve: there can be no token in " + token()).hasLineCount(1);
    }
}
