package dev.heddle.cli;

import static dev.heddle.cli.BuiltHeddle.HEDDLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.heddle.cli.BuiltHeddle.Finished;
import dev.heddle.testing.TestAuthority;
import dev.heddle.testing.TestAuthority.Issued;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS and Unix-domain sockets between the built files, and with redis-cli. */
class TransportsIT {
    @TempDir
    private Path directory;

    private BuiltHeddle built;
    private TestAuthority authority;
    private Issued own;

    @BeforeEach
    void prepare() throws Exception {
        built = new BuiltHeddle(directory);
        authority = new TestAuthority(directory);
        own = authority.issueForLoopback("server");
    }

    @AfterEach
    void endAll() throws InterruptedException {
        built.close();
    }

    /** Serves all of them; their addresses as the server tells them, the usual one first. */
    private List<String> serve(String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("--no-auth", "--listen", "resps://127.0.0.1:0", "--listen",
                "resp+unix://" + directory.resolve("heddle.sock"), "--tls-cert", own.certificate().toString(),
                "--tls-key", own.key().toString()));
        all.addAll(List.of(options));
        built.serve(Map.of(), all.toArray(String[]::new));
        return Files.readAllLines(directory.resolve("addresses"));
    }

    private static String port(String address) {
        return address.substring(address.lastIndexOf(':') + 1);
    }

    private Finished run(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(HEDDLE));
        command.addAll(Arrays.asList(arguments));
        return built.run(environment, new byte[0], command.toArray(String[]::new));
    }

    private Finished run(String... arguments) throws Exception {
        return run(Map.of(), arguments);
    }

    @ParameterizedTest
    @ValueSource(strings = {"virtual", "platform"})
    void heddleTalksToItself(String threads) throws Exception {
        List<String> addresses = serve("--threads", threads);
        String tls = addresses.get(1);
        String socket = directory.resolve("heddle.sock").toString();
        String ca = authority.certificate().toString();
        assertThat(tls).startsWith("resps://127.0.0.1:");
        assertThat(addresses.get(2)).isEqualTo("resp+unix://" + socket);
        assertThat(run("run", "-h", tls, "--cacert", ca, "-n", "echo", "over", "TLS").out()).isEqualTo("over TLS\n");
        assertThat(run("sh", "-h", "localhost:" + port(tls), "--tls", "--cacert", ca, "-n", "exit 7").code())
                .isEqualTo(7);
        assertThat(run(Map.of("HEDDLE_HOST", "127.0.0.1:" + port(tls), "HEDDLE_TLS", "true", "HEDDLE_CACERT", ca),
                "run", "-n", "echo", "by variables").out()).isEqualTo("by variables\n");
        assertThat(run("run", "-h", socket, "-n", "echo", "local").out()).isEqualTo("local\n");
        assertThat(run("run", "-h", addresses.get(2), "-n", "echo", "local").out()).isEqualTo("local\n");
        byte[] input = "0123456789".repeat(1_000_000).getBytes();
        for (String server : List.of(tls, socket)) {
            String[] options = server.equals(tls) ? new String[] {"--cacert", ca} : new String[0];
            List<String> command = new ArrayList<>(List.of(HEDDLE, "run", "-h", server));
            command.addAll(List.of(options));
            command.add("cat");
            Finished piped = built.run(Map.of(), input, command.toArray(String[]::new));
            assertThat(piped.err()).as(Files.readString(built.log())).isEmpty();
            assertThat(Arrays.equals(piped.stdout(), input)).as("ten megabytes through " + server).isTrue();
        }
    }

    @Test
    void redisCliConnects() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/redis-cli")), "redis-cli is installed");
        Issued alice = authority.issueForClient("alice", "/CN=alice");
        List<String> addresses = serve("--tls-client-ca", authority.certificate().toString());
        String[] encrypted = {"redis-cli", "--tls", "--cacert", authority.certificate().toString(), "--cert",
            alice.certificate().toString(), "--key", alice.key().toString(), "-p", port(addresses.get(1))};
        String[] local = {"redis-cli", "-s", directory.resolve("heddle.sock").toString()};
        for (String[] start : List.of(encrypted, local)) {
            List<String> command = new ArrayList<>(List.of(start));
            command.addAll(List.of("RUN", "echo", "hello"));
            assertThat(built.run(command.toArray(String[]::new)).out()).startsWith("exited\n0\nhello\n");
        }
        assertThat(built.run("redis-cli", "--tls", "--cacert", authority.certificate().toString(), "-p",
                port(addresses.get(1)), "PING").out()).as("without the certificate").doesNotContain("PONG");
        assertThat(run("run", "-h", addresses.get(1), "--cacert", authority.certificate().toString(), "--cert",
                alice.certificate().toString(), "--key", alice.key().toString(), "-n", "echo", "mutual").out())
                .isEqualTo("mutual\n");
        Finished anonymous = run("run", "-h", addresses.get(1), "--cacert", authority.certificate().toString(), "-n",
                "true");
        assertThat(anonymous.code()).isEqualTo(255);
        assertThat(anonymous.err().lines()).singleElement().asString()
                .endsWith("; --cert FILE and --key FILE show one");
    }

    @Test
    void whatGoesWrongIsOneLine() throws Exception {
        List<String> addresses = serve();
        String plain = "127.0.0.1:" + port(addresses.get(0));
        String tls = "127.0.0.1:" + port(addresses.get(1));
        String ca = authority.certificate().toString();
        assertFails("heddle: resps://" + tls + ": no trusted authority has signed the server's certificate;"
                + " --cacert FILE names one", "run", "-h", "resps://" + tls, "-n", "true");
        assertFails("heddle: resps://" + plain + ": the server ended the TLS handshake; perhaps it does not speak TLS"
                + " on this port", "run", "-h", plain, "--tls", "--cacert", ca, "-n", "true");
        assertFails("heddle run: --cacert, --cert and --key go with --tls or resps:// (see 'heddle run --help')",
                "run", "-h", plain, "--cacert", ca, "-n", "true");
        assertFails("heddle run: --cert and --key belong together: one of them is missing (see 'heddle run --help')",
                "run", "-h", tls, "--tls", "--cert", ca, "-n", "true");
        assertFails("heddle: resps://" + tls + ": --cacert /no/such: no such file", "run", "-h", tls, "--tls",
                "--cacert", "/no/such", "-n", "true");
        assertFails("heddle: " + directory + "/none: No such file or directory", "run", "-h", directory + "/none",
                "-n", "true");
        Finished mistaken = run("run", "-h", tls, "-n", "true");
        assertThat(mistaken.err()).isEqualTo("heddle: ERR this port speaks TLS\n");
    }

    private void assertFails(String error, String... arguments) throws Exception {
        Finished finished = run(arguments);
        assertThat(finished.err()).isEqualTo(error + "\n");
        assertThat(finished.code()).isEqualTo(255);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            --listen resps://127.0.0.1:0                                      | 2 | resps://127.0.0.1:0 needs a certificate and its key: give --tls-cert FILE and --tls-key FILE
            --listen resps://127.0.0.1:0 --tls-cert server.pem                | 2 | --tls-cert and --tls-key belong together: one of them is missing
            --listen resps://127.0.0.1:0 --tls-cert none --tls-key server.key | 1 | --tls-cert DIR/none: no such file
            --tls-cert server.pem --tls-key ca.key                            | 1 | --tls-key DIR/ca.key: not the key of the certificate in --tls-cert DIR/server.pem
            --tls-cert server.key --tls-key server.key                        | 1 | --tls-cert DIR/server.key: no CERTIFICATE in this file
            --tls-cert server.pem --tls-key server.key --tls-client-auth required | 2 | --tls-client-auth needs --tls-client-ca: whose certificates are good
            --tls-client-ca ca.pem                                            | 2 | --tls-client-ca needs --tls-cert and --tls-key
            --listen resps://0.0.0.0:0 --tls-cert server.pem --tls-key server.key | 2 | --no-auth is for loopback addresses only
            --allow-user no-such-user                                         | 2 | --allow-user: there is no user 'no-such-user'
            --listen resp+unix://relative                                     | 2 | 'resp+unix://relative' is no address like resp+unix:///run/heddle.sock: it takes an absolute path
            --listen resp+unix://DIR/server.pem                               | 1 | cannot listen on DIR/server.pem: there is a file that is no socket
            """)
    void startsThatCannotBe(String options, int code, String error) throws Exception {
        List<String> command = new ArrayList<>(List.of("serve", "--no-auth"));
        for (String word : options.split(" ")) {
            command.add(word.replace("DIR", directory.toString())
                    .replaceFirst("^((server|ca)\\.(pem|key)|none)$", directory + "/$1"));
        }
        Finished finished = run(command.toArray(String[]::new));
        assertThat(finished.err().lines()).singleElement().asString()
                .startsWith("heddle serve: " + error.replace("DIR", directory.toString()));
        assertThat(finished.code()).isEqualTo(code);
    }

    @Test
    void aKeyThatOthersCanReadIsWarnedOf() throws Exception {
        Files.setPosixFilePermissions(own.key(), PosixFilePermissions.fromString("rw-r--r--"));
        serve();
        assertThat(Files.readString(built.log())).contains(own.key() + ": others on this machine can read or change"
                + " this key; chmod 600 keeps them out");
    }
}
