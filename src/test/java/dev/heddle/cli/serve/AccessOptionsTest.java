package dev.heddle.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.access.Access;
import dev.heddle.access.TokenFile;
import dev.heddle.server.ListenAddress;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What a new user reads about the way in: a line that works when it is pasted, or none. */
class AccessOptionsTest {
    @TempDir
    private Path home;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            resp://127.0.0.1:7379                    |           |     | REDISCLI_AUTH=$(cat TOKEN) redis-cli -h 127.0.0.1 -p 7379 RUN uname
            resps://[::1]:1,resp://127.0.0.1:7379    |           |     | REDISCLI_AUTH=$(cat TOKEN) redis-cli -h 127.0.0.1 -p 7379 RUN uname
            resp://127.0.0.1:7379                    | --no-auth |     | redis-cli -h 127.0.0.1 -p 7379 RUN uname
            resp+unix:///run/a%20b                   | --no-auth |     | redis-cli -s '/run/a b' RUN uname
            resp+unix:///run/x,resp://127.0.0.1:7379 |           |     | REDISCLI_AUTH=$(cat TOKEN) redis-cli -h 127.0.0.1 -p 7379 RUN uname
            resp+unix:///run/x                       |           |     | redis-cli -s /run/x RUN uname
            resp://127.0.0.1:7379                    |           | pwd |
            resps://127.0.0.1:7380                   |           |     |
            upper://127.0.0.1:8001                   |           |     |
            """)
    void theInvitationIsALineToPaste(String listen, String option, String password, String line) throws Exception {
        List<ListenAddress> addresses = Arrays.stream(listen.split(",")).map(ListenAddress::parse).toList();
        AccessOptions options = CommandLine.populateCommand(new AccessOptions(),
                option == null ? new String[0] : new String[] {option});
        Map<String, String> environment = Map.of("XDG_CONFIG_HOME", home.toString(),
                TokenFile.PASSWORD_VARIABLE, password == null ? "" : password);
        try (Access access = options.open(addresses, environment)) {
            assertThat(access.hasUsersFile()).isFalse();
            assertThat(options.invitation(addresses).map(text -> text.replace(home + "/heddle/token", "TOKEN"))
                    .orElse(null)).isEqualTo(line);
        }
    }
}
