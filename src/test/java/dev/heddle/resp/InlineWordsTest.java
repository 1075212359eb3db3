package dev.heddle.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class InlineWordsTest {
    private static List<String> split(String line) throws ProtocolException {
        byte[] padded = Trickle.bytes("..." + line + "...");
        return InlineWords.split(padded, 3, padded.length - 3, 100).stream()
                .map(word -> new String(word, StandardCharsets.ISO_8859_1)).toList();
    }

    /** What sdssplitargs of Redis makes of them. */
    static List<Arguments> lines() {
        return List.of(
                Arguments.of("", List.of()),
                Arguments.of(" \t\013\f\r ", List.of()),
                Arguments.of("a", List.of("a")),
                Arguments.of("  a\tb\rc  ", List.of("a", "b", "c")),
                Arguments.of("a\013b", List.of("a\013b")),
                Arguments.of("\"\"", List.of("")),
                Arguments.of("''", List.of("")),
                Arguments.of("\"a b\" 'c d'", List.of("a b", "c d")),
                Arguments.of("a\"b c\"", List.of("ab c")),
                Arguments.of("a'b c' d", List.of("ab c", "d")),
                Arguments.of("\"\\n\\r\\t\\b\\a\"", List.of("\n\r\t\b\7")),
                Arguments.of("\"\\x41\\xfF\\x00\"", List.of("A\u00ff\0")),
                Arguments.of("\"\\x4\\x\\xg0\"", List.of("x4xxg0")),
                Arguments.of("\"\\\"\\\\\\q'\"", List.of("\"\\q'")),
                Arguments.of("'\\'\\n\"\\\\ '", List.of("'\\n\"\\\\ ")),
                Arguments.of("a\\n b\\", List.of("a\\n", "b\\")),
                Arguments.of("\"a\"\013b", List.of("a", "b")),
                Arguments.of("\u00fc \0x", List.of("\u00fc", "\0x")));
    }

    @ParameterizedTest
    @MethodSource("lines")
    void splitsAsRedisDoes(String line, List<String> words) throws ProtocolException {
        assertThat(split(line)).isEqualTo(words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"", "'", "a \"b", "a 'b", "\"a\"b", "'a'b", "\"a\"\"b\"", "\"a\\", "\"a\\\"",
        "'a\\'", "set \"\"\"test-key\"\"\" test-value"})
    void refusesUnbalancedQuotes(String line) {
        assertThatThrownBy(() -> split(line)).isInstanceOf(ProtocolException.class)
                .hasMessage("Protocol error: unbalanced quotes in request");
    }

    @Test
    void stopsWhenThereAreTooManyWords() throws ProtocolException {
        byte[] line = "a ".repeat(1000).getBytes(StandardCharsets.US_ASCII);
        assertThat(InlineWords.split(line, 0, line.length, 10)).hasSize(11);
    }
}
