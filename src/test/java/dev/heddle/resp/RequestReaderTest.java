package dev.heddle.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {
    private static final RequestLimits LIMITS = RequestLimits.authenticated(1 << 20);

    private static RequestReader reader(InputStream in, RequestLimits limits) {
        return new RequestReader(in, limits, RequestBudget.UNLIMITED, BeforeFill.NOTHING);
    }

    /** All requests to the end of the input, one char a byte. */
    private static List<List<String>> readAll(InputStream in) throws IOException {
        RequestReader reader = reader(in, LIMITS);
        List<List<String>> requests = new ArrayList<>();
        for (Request request = reader.read(); request != null; request = reader.read()) {
            requests.add(request.words().stream()
                    .map(word -> new String(word, StandardCharsets.ISO_8859_1)).toList());
        }
        return requests;
    }

    private static String unescaped(String text) {
        return text.translateEscapes();
    }

    @Test
    void readsMultibulkAndInlineInOrder() throws IOException {
        assertThat(readAll(Trickle.of("*1\r\n$4\r\nPING\r\nECHO a\r\n*2\r\n$4\r\nECHO\r\n$0\r\n\r\nPING\n")))
                .containsExactly(List.of("PING"), List.of("ECHO", "a"), List.of("ECHO", ""), List.of("PING"));
    }

    @Test
    void bulksAreBinarySafe() throws IOException {
        assertThat(readAll(Trickle.of("*2\r\n$4\r\nECHO\r\n$7\r\n\0\r\n\u00ff*$\n\r\n")))
                .containsExactly(List.of("ECHO", "\0\r\n\u00ff*$\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\r\n", "\n\n", "   \r\n", "*0\r\n", "*-1\r\n", "*-7\r\n",
        "*0\r\n\r\n*-1\r\n"})
    void emptyRequestsAreSkipped(String empty) throws IOException {
        assertThat(readAll(Trickle.of(empty))).isEmpty();
        assertThat(readAll(Trickle.of(empty + "PING\r\n"))).containsExactly(List.of("PING"));
    }

    @Test
    void anySplitGivesTheSameRequests() throws IOException {
        byte[] input = Trickle.bytes("*3\r\n$3\r\nRUN\r\n$12\r\nthe\r\nprogram\r\n$0\r\n\r\n"
                + "SET \"a b\" 'c'\r\n\r\n"
                + "*1\r\n$1500\r\n" + "x".repeat(1500) + "\r\nPING\n*1\r\n$4\r\nQUIT\r\n");
        List<List<String>> expected = readAll(Trickle.of(input));
        assertThat(expected).hasSize(5);
        for (int i = 1; i < input.length; i++) {
            assertThat(readAll(Trickle.splitAt(input, i))).as("split at %d", i).isEqualTo(expected);
        }
        for (int step = 1; step < 40; step++) {
            assertThat(readAll(Trickle.inSteps(input, step))).as("steps of %d", step).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1023, 1024, 1025, 16_383, 16_384, 65_535, 65_536, 65_537, 200_000})
    void wordsOfAnySizeArriveExact(int size) throws IOException {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < size; i++) {
            word.append((char) (i * 31 % 251));
        }
        byte[] input = Trickle.bytes("*2\r\n$1\r\na\r\n$" + size + "\r\n" + word + "\r\nPING\r\n");
        for (Trickle in : List.of(Trickle.of(input), Trickle.inSteps(input, 1000),
                Trickle.splitAt(input, 20))) {
            assertThat(readAll(in)).isEqualTo(List.of(List.of("a", word.toString()), List.of("PING")));
        }
    }

    @Test
    void manyWordsArrive() throws IOException {
        String input = "*1000\r\n" + "$1\r\nx\r\n".repeat(1000) + "y ".repeat(1000) + "\r\n";
        assertThat(readAll(Trickle.of(input))).extracting(List::size).containsExactly(1000, 1000);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', value = {
        "*x\\r\\n | invalid multibulk length",
        "*\\r\\n | invalid multibulk length",
        "*+1\\r\\n | invalid multibulk length",
        "*01\\r\\n | invalid multibulk length",
        "*-0\\r\\n | invalid multibulk length",
        "* 1\\r\\n | invalid multibulk length",
        "*1 \\r\\n | invalid multibulk length",
        "*1\\n | invalid multibulk length",
        "*1\\0\\r\\n | invalid multibulk length",
        "*1048577\\r\\n | invalid multibulk length",
        "*3000000000\\r\\n | invalid multibulk length",
        "*9223372036854775808\\r\\n | invalid multibulk length",
        "*18446744073709551617\\r\\n | invalid multibulk length",
        "*1\\r\\n$-1\\r\\n | invalid bulk length",
        "*1\\r\\n$-10\\r\\n | invalid bulk length",
        "*1\\r\\n$blabla\\r\\n | invalid bulk length",
        "*1\\r\\n$\\r\\n | invalid bulk length",
        "*1\\r\\n$04\\r\\n | invalid bulk length",
        "*1\\r\\n$4\\n | invalid bulk length",
        "*1\\r\\n$2000000000\\r\\n | invalid bulk length",
        "*1\\r\\n$1048577\\r\\n | invalid bulk length",
        "*3\\r\\n$3\\r\\nSET\\r\\n$1\\r\\nx\\r\\nfooz\\r\\n | expected '$', got 'f'",
        "*1\\r\\n*1\\r\\n | expected '$', got '*'",
        "*1\\r\\n\\r\\n | expected '$', got ' '",
        "*1\\r\\n\\n | expected '$', got ' '",
        "*1\\r\\n\\0\\r\\n | expected '$', got '\\\\x00'",
        "*1\\r\\n\\377\\r\\n | expected '$', got '\\\\xff'",
        "*1\\r\\n$4\\r\\nPING\\n\\n | expected CRLF after bulk",
        "*1\\r\\n$4\\r\\nPINGS\\r\\n | expected CRLF after bulk",
        "*1\\r\\n$4\\r\\nPING\\rx | expected CRLF after bulk",
        "*1\\r\\n$1048576\\r\\n | too big request",
        "*40000\\r\\n | too big request",
        "SET \"a\\r\\n | unbalanced quotes in request",
    })
    void refusesWithTheTextsOfValkey(String input, String error) {
        byte[] bytes = Trickle.bytes(unescaped(input));
        for (int step = 1; step <= bytes.length; step++) {
            RequestReader reader = reader(Trickle.inSteps(bytes, step), LIMITS);
            assertThatThrownBy(reader::read).as("steps of %d", step)
                    .isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.errorReply())
                            .isEqualTo("ERR Protocol error: " + unescaped(error)));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "x | too big inline request",
        "* | too big mbulk count string",
        "*1\\r\\n$ | too big bulk count string",
        "*1\\r\\nx | too big bulk count string"
    })
    void linesEndSomewhere(String begin, String error) throws IOException {
        String start = unescaped(begin);
        int lineStart = start.lastIndexOf('\n') + 1;
        String allowed = start + "1".repeat(LIMITS.maxInlineBytes() - (start.length() - lineStart));
        for (String end : List.of("1", "1\r\n", "1\n", "11")) {
            assertThatThrownBy(reader(Trickle.of(allowed + end), LIMITS)::read)
                    .isInstanceOf(ProtocolException.class).hasMessage("Protocol error: " + error);
        }
        if (error.contains("inline")) {
            assertThat(readAll(Trickle.of(allowed + "\r\n"))).containsExactly(List.of(allowed));
        } else {
            assertThatThrownBy(reader(Trickle.of(allowed + "\r\n"), LIMITS)::read)
                    .isInstanceOf(ProtocolException.class).message().doesNotContain("too big");
        }
        assertThatThrownBy(reader(Trickle.of(allowed), LIMITS)::read).isInstanceOf(EOFException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "*11\\r\\n | unauthenticated multibulk length",
        "*2000000\\r\\n | unauthenticated multibulk length",
        "*3000000000\\r\\n | invalid multibulk length",
        "*1\\r\\n$16385\\r\\n | unauthenticated bulk length",
        "*1\\r\\n$1073741824\\r\\n | invalid bulk length",
        "a b c d e f g h i j k\\r\\n | unauthenticated multibulk length",
    })
    void strangersGetLittle(String input, String error) {
        assertThatThrownBy(reader(Trickle.of(unescaped(input)), RequestLimits.UNAUTHENTICATED)::read)
                .isInstanceOf(ProtocolException.class).hasMessage("Protocol error: " + error);
    }

    @Test
    void strangersGetAsMuchAsTheirLimitsSay() throws IOException {
        String input = "*10\r\n" + ("$16384\r\n" + "x".repeat(16_384) + "\r\n").repeat(10);
        assertThat(reader(Trickle.of(input), RequestLimits.UNAUTHENTICATED).read().words()).hasSize(10);
    }

    @Test
    void aLoginLiftsTheLimitsForWhatIsBufferedAlready() throws IOException {
        RequestReader reader = reader(Trickle.of("AUTH x\r\n*11\r\n" + "$1\r\nx\r\n".repeat(11)),
                RequestLimits.UNAUTHENTICATED);
        reader.read();
        reader.limits(LIMITS, RequestBudget.UNLIMITED);
        assertThat(reader.read().words()).hasSize(11);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "POST / HTTP/1.1\r\n", "post\r\n", "Post x\r\n", "  POST /it's\r\n", "Host: localhost\r\n",
        "HOST:localhost\n", "GET / HTTP/1.1\r\n", "OPTIONS /x' HTTP/1.0\r\n", "PRI * HTTP/2.0\r\n",
        "foo / http/1.1\r\n", "FOO / HTTP/1.1 \r\n", "\r\n FOO\t/\tHTTP/3\n", "FOO /a b HTTP/0.9\r\n",
        "\"post\" a\r\n",
        "*1\r\n$4\r\nPOST\r\n", "*2\r\n$5\r\nhost:\r\n$1\r\n", "\26\3\1\2\0\1\0", "\26\3"
    })
    void otherProtocolsAreRecognized(String input) {
        byte[] bytes = Trickle.bytes(input);
        for (int step = 1; step <= bytes.length; step++) {
            assertThatThrownBy(reader(Trickle.inSteps(bytes, step), RequestLimits.UNAUTHENTICATED)::read)
                    .as("steps of %d", step).isInstanceOf(CrossProtocolException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "POSTS\r\n", "PING POST\r\n", "hosts: x\r\n", "RUN curl HTTP/1.1x\r\n", "\26\4\r\n", "HTTP/1.1\r\n",
        "RUN grep HTTP/ x\r\n", "RUN grep HTTP/\r\n", "RUN ls xHTTP/1.1\r\n", "RUN echo 1.1\r\n"
    })
    void whatOnlyLooksAlikeIsRead(String input) throws IOException {
        assertThat(readAll(Trickle.of(input))).hasSize(1);
    }

    @Test
    void anEndInsideARequestIsTold() {
        byte[] whole = Trickle.bytes("*2\r\n$4\r\nECHO\r\n$3\r\nabc\r\n");
        for (int length = 1; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(reader(Trickle.of(part), LIMITS)::read).as("the first %d bytes", length)
                    .isInstanceOf(EOFException.class);
        }
        assertThatThrownBy(reader(Trickle.of("PING"), LIMITS)::read).isInstanceOf(EOFException.class);
    }

    @Test
    void repliesCanBeFlushedBeforeEachReadAndOnlyThen() throws IOException {
        byte[] input = Trickle.bytes("PING\r\nPING\r\nPING\r\n*1\r\n$90000\r\n"
                + "x".repeat(90_000) + "\r\n");
        Trickle in = Trickle.splitAt(input, 12);
        List<Integer> fills = new ArrayList<>();
        RequestReader reader = new RequestReader(in, LIMITS, RequestBudget.UNLIMITED,
                () -> fills.add(in.taken()));
        reader.read();
        reader.read();
        assertThat(fills).containsExactly(0);
        reader.read();
        assertThat(fills).containsExactly(0, 12);
        reader.read();
        assertThat(fills).as("each read takes something").doesNotHaveDuplicates().hasSizeGreaterThan(3);
    }

    @Test
    void whatRunsBeforeAReadCanEndIt() {
        IOException broken = new IOException("the client has gone");
        RequestReader reader = new RequestReader(Trickle.of("PING\r\n"), LIMITS, RequestBudget.UNLIMITED,
                () -> {
                    throw broken;
                });
        assertThatThrownBy(reader::read).isSameAs(broken);
    }
}
