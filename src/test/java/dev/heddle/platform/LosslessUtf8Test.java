package dev.heddle.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Supplier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Any bytes become text and the same bytes again. Seeded: a failure can be repeated. */
@Timeout(60)
class LosslessUtf8Test {
    private static final int ROUNDS = 20_000;
    /** Characters of all lengths, their halves, overlong forms, surrogates, and what is beyond Unicode. */
    private static final String[] PIECES = {"a", "\u00c3\u00a9", "\u00c3", "\u00a9", "\u00e6\u00ac\u00a2",
        "\u00e6\u00ac", "\u00f0\u009f\u0098\u0080", "\u00f0\u009f\u0098", "\u00c0\u0080",
        "\u00ed\u00b2\u0080", "\u00ed\u00a0\u0080",
        "\u00ef\u00bf\u00bd", "\u00f4\u0090\u0080\u0080", "\u00ff", "\u0000", "\u007f", "\u0080"};

    private static byte[] bytes(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        if (random.nextBoolean()) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    @Test
    void anyBytesComeBack() {
        Random random = new Random(1);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = bytes(random);
            String text = LosslessUtf8.decode(bytes);
            assertThat(LosslessUtf8.encode(text)).as("round %d", round).isEqualTo(bytes);
            assertThat(new String(bytes, StandardCharsets.UTF_8)).as("round %d: what people see", round)
                    .matches(seen -> seen.indexOf('\ufffd') >= 0 || seen.equals(text));
        }
    }

    @Test
    void wherePiecesEndMakesNoDifference() {
        Random random = new Random(2);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = bytes(random);
            assertThat(decodedInPieces(bytes, random)).as("round %d", round).isEqualTo(LosslessUtf8.decode(bytes));
        }
    }

    private static String decodedInPieces(byte[] bytes, Random random) {
        CharsetDecoder decoder = LosslessUtf8.CHARSET.newDecoder();
        StringBuilder text = new StringBuilder();
        CharBuffer out = CharBuffer.allocate(2); // the least that a character may need
        ByteBuffer in = ByteBuffer.wrap(bytes).limit(0);
        while (in.limit() < bytes.length) {
            in.limit(Math.min(bytes.length, in.limit() + 1 + random.nextInt(3)));
            drain(() -> decoder.decode(in, out, in.limit() == bytes.length), out, text);
        }
        drain(() -> decoder.flush(out), out, text);
        return text.toString();
    }

    private static void drain(Supplier<CoderResult> step, CharBuffer out, StringBuilder text) {
        boolean more = true;
        while (more) {
            more = step.get().isOverflow();
            text.append(out.flip());
            out.clear();
        }
    }

    @ParameterizedTest
    @CsvSource({"'', ''", "abc, abc", "é欢😀, é欢😀", "a\udce9b, a\\xe9b", "\udcc3\udca9, \\xc3\\xa9"})
    void messagesShowTheBytes(String text, String shown) {
        assertThat(LosslessUtf8.show(text)).isEqualTo(shown);
    }

    /** Only what stands for a byte is another thing than in plain UTF-8. */
    @Test
    void otherTextIsPlainUtf8() {
        for (String text : new String[] {"", "é欢😀", "\ud800", "\udc7f", "\udd00", "a\ud83db"}) {
            assertThat(LosslessUtf8.encode(text)).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
            assertThat(text.getBytes(LosslessUtf8.CHARSET)).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
