package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.access.Access;
import dev.heddle.access.TokenHash;
import dev.heddle.process.jdk.JdkProcessEngine;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.OwnFile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every unsafe way to start a server is refused, with the option that makes it safe; and the safe ones are not. */
class StartRulesTest {
    @TempDir
    private Path directory;

    private Access access(String kind) throws IOException {
        return switch (kind) {
            case "open" -> Access.open();
            case "token" -> Access.single("secret");
            case String users -> Access.fromFile(OwnFile.write(directory.resolve("users.yaml"),
                    "ci:\n  sha256: " + TokenHash.of("secret") + "\n"));
        };
    }

    private static ServerConfig config(Access access, boolean allowPlaintext, boolean trustLocalUsers,
                                       String addresses) {
        return new ServerConfig(Arrays.stream(addresses.split(",")).map(ListenAddress::parse).toList(),
                ThreadMode.VIRTUAL, new JdkProcessEngine(),
                new ServerConfig.Security(access, allowPlaintext, trustLocalUsers), ServerConfig.Limits.defaults());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            resp://0.0.0.0:0                            | open  | false | false | --no-auth is for loopback addresses only
            resp://0.0.0.0:0                            | open  | true  | false | --no-auth is for loopback addresses only
            resp://127.0.0.1:0,resp://[::]:0            | open  | true  | true  | HEDDLE_PASSWORD
            resp://0.0.0.0:0                            | token | false | false | --allow-plaintext
            resp://[::]:0                               | users | false | true  | --allow-plaintext
            resp://127.0.0.1:0,resp://0.0.0.0:0         | token | false | true  | --allow-plaintext
            ready://0.0.0.0:0                           | token | true  | true  | ready:// has no authentication and is for loopback
            ready://127.0.0.1:0                         | token | true  | false | --trust-local-users
            ready://127.0.0.1:0                         | open  | true  | false | --trust-local-users
            resp://127.0.0.1:0,ready://127.0.0.1:0      | users | true  | true  | policies of --users
            resps://127.0.0.1:0                         | token | true  | true  | --tls-cert
            resp://127.0.0.1:0,resps://0.0.0.0:0        | users | true  | true  | --tls-cert
            upper://0.0.0.0:0                           | open  | false | false | --allow-plaintext
            upper://0.0.0.0:0                           | token | false | true  | --allow-plaintext
            """)
    void unsafeListenersAreRefused(String addresses, String kind, boolean allowPlaintext, boolean trustLocalUsers,
                                   String advice) throws Exception {
        try (Access access = access(kind)) {
            long descriptors = HostProcesses.descriptors();
            assertThatThrownBy(() -> HeddleServer.start(config(access, allowPlaintext, trustLocalUsers, addresses)))
                    .isInstanceOf(UnsafeStartException.class).hasMessageContaining(advice);
            assertThat(HostProcesses.descriptors()).isLessThanOrEqualTo(descriptors);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            resp://127.0.0.1:0                        | open  | false | false
            resp://127.0.0.1:0                        | token | false | false
            resp://127.0.0.1:0                        | users | false | false
            resp://0.0.0.0:0                          | token | true  | false
            ready://127.0.0.1:0,resp://127.0.0.1:0    | token | false | true
            upper://127.0.0.1:0                       | users | false | false
            """)
    void safeOnesAreNot(String addresses, String kind, boolean allowPlaintext, boolean trustLocalUsers)
            throws Exception {
        try (Access access = access(kind);
                HeddleServer server = HeddleServer.start(config(access, allowPlaintext, trustLocalUsers, addresses))) {
            assertThat(server.addresses()).hasSize(addresses.split(",").length);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            true  | true  | false | unset it, and put a user 'default'
            true  | false | true  | or leave out --no-auth
            false | true  | true  | leave one of them out
            true  | true  | true  | leave one of them out
            """)
    void contradictionsAreRefused(boolean password, boolean users, boolean noAuth, String advice) {
        assertThatThrownBy(() -> StartRules.requireOneWayIn(password, users, noAuth))
                .isInstanceOf(UnsafeStartException.class).hasMessageContaining(advice);
    }

    @ParameterizedTest
    @CsvSource({"true,false,false", "false,true,false", "false,false,true", "false,false,false"})
    void oneWayInIsNone(boolean password, boolean users, boolean noAuth) {
        assertThatCode(() -> StartRules.requireOneWayIn(password, users, noAuth)).doesNotThrowAnyException();
    }
}
