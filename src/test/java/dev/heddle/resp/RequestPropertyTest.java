package dev.heddle.resp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** What holds for all requests, whatever their words, and wherever packets end. */
class RequestPropertyTest {
    private static final String SEED = "6"; // the same tries each time
    private static final int TRIES = 500;
    private static final String ESCAPABLE = "abnrtx";

    private static List<String> read(byte[] input, int step) throws IOException {
        RequestReader reader = new RequestReader(Trickle.inSteps(input, step), RequestLimits.authenticated(1 << 20),
                RequestBudget.UNLIMITED, BeforeFill.NOTHING);
        List<String> requests = new ArrayList<>();
        for (Request request = reader.read(); request != null; request = reader.read()) {
            requests.add(shown(request.words()));
            request.close();
        }
        return requests;
    }

    private static String shown(List<byte[]> words) {
        return words.stream().map(HexFormat.of()::formatHex).toList().toString();
    }

    /** What looks like HTTP is refused, which other tests are about. */
    private static void assumeNoHttp(List<byte[]> words) {
        Assume.that(!HttpTraits.inWord(words.getFirst()));
    }

    @Property(tries = TRIES, seed = SEED)
    void requestsArriveAsTheyWereWritten(
            @ForAll @Size(min = 1, max = 5) List<@Size(min = 1, max = 20) List<byte[]>> requests,
            @ForAll @IntRange(min = 1, max = 300) int step) throws IOException {
        requests.forEach(RequestPropertyTest::assumeNoHttp);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        RespWriter writer = new RespWriter(sent);
        for (List<byte[]> words : requests) {
            writer.writeRequest(words);
        }
        writer.flush();
        assertThat(read(sent.toByteArray(), step))
                .isEqualTo(requests.stream().map(RequestPropertyTest::shown).toList());
    }

    @Property(tries = TRIES, seed = SEED)
    void anyWordCanBeQuotedInALine(@ForAll @Size(min = 1, max = 10) List<byte[]> words,
                                   @ForAll @IntRange(min = 1, max = 300) int step) throws IOException {
        assumeNoHttp(words);
        StringBuilder line = new StringBuilder();
        words.forEach(word -> line.append(line.length() % 2 == 0 || !fitsSingleQuotes(word)
                ? doubleQuoted(word) : singleQuoted(word)).append(' '));
        assertThat(read(Trickle.bytes(line + "\r\n"), step)).containsExactly(shown(words));
    }

    private static String doubleQuoted(byte[] word) {
        StringBuilder quoted = new StringBuilder("\"");
        for (byte b : word) {
            boolean plain = b > ' ' && b < 0x7f && b != '"' && b != '\\';
            quoted.append(plain ? (b % 2 == 0 && ESCAPABLE.indexOf(b) < 0 ? "\\" : "") + (char) b
                    : String.format("\\x%02x", b));
        }
        return quoted.append('"').toString();
    }

    /** A line feed ends the line even there. */
    private static boolean fitsSingleQuotes(byte[] word) {
        String text = new String(word, StandardCharsets.ISO_8859_1);
        return text.indexOf('\n') < 0 && text.indexOf('\\') < 0;
    }

    private static String singleQuoted(byte[] word) {
        return "'" + new String(word, StandardCharsets.ISO_8859_1).replace("'", "\\'") + "'";
    }
}
