package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What users write after --listen. */
class ListenAddressTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            resp://127.0.0.1             | resp://127.0.0.1:7379
            resps://127.0.0.1            | resps://127.0.0.1:7380
            resps://[::1]:1              | resps://[::1]:1
            ready://localhost            | ready://localhost:9999
            resp+unix:///run/heddle.sock | resp+unix:///run/heddle.sock
            resp+unix:///run/a%20b       | resp+unix:///run/a%20b
            resp+unix:///run/é           | resp+unix:///run/%C3%A9
            """)
    void addressesAreShownAsTheyAreRead(String text, String shown) {
        assertThat(ListenAddress.parse(text)).hasToString(shown);
        assertThat(ListenAddress.parse(shown)).isEqualTo(ListenAddress.parse(text));
    }

    @Test
    void aPathIsDecoded() {
        assertThat(ListenAddress.parse("resp+unix:///run/a%20b").file()).isEqualTo(Optional.of(Path.of("/run/a b")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            resp+unix://run/heddle.sock | it takes an absolute path
            resp+unix:heddle.sock       | it takes an absolute path
            resp+unix:///run/           | it takes an absolute path
            resp+unix:///run/%E9        | Java cannot open a file here whose name is no text in UTF-8: /run/\\xe9
            resp+unix:///a?b            | is no address like
            resps:///path               | is no address like
            resps://host/path           | is no address like
            resps://host:65536          | a port is at most 65535
            localhost:7379              | is no address like
            unix:///run/x               | unknown scheme 'unix'; known: resp, resps, resp+unix, ready, upper
            """)
    void mistakesAreExplained(String text, String message) {
        assertThatThrownBy(() -> ListenAddress.parse(text)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
