package dev.heddle.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One line of the log while it is built. Clients choose most of its content: so it is cut where it is too long, and
 * bytes that are not UTF-8 are shown as {@code \xHH}.
 *
 * <p><b>Threading:</b> belongs to one thread.
 */
final class AuditLine {
    /** The limit of all words together: a script of usual length is kept whole. */
    private static final int MAX_WORDS_BYTES = 32 << 10;
    private static final int MAX_TEXT_CHARACTERS = 4096; // no path is longer
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC); // RFC 3339
    /** Has a bounded pool: the usual one keeps buffers for each thread, and each client has a thread. */
    private static final JsonFactory JSON =
            new JsonFactoryBuilder().recyclerPool(JsonRecyclerPools.newBoundedPool(16))
                    .characterEscapes(new VisibleCharacters()).build();

    /** Writes a piece of the line; the line is in memory, so that cannot fail. */
    private interface Piece {
        void write(JsonGenerator to) throws IOException;
    }

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    private final JsonGenerator json;

    private AuditLine() throws IOException {
        json = JSON.createGenerator(bytes);
    }

    /** Begins a line about this kind of event, now. */
    static AuditLine of(String event) {
        try {
            AuditLine line = new AuditLine();
            line.json.writeStartObject();
            return line.text("time", TIME.format(Instant.now())).text("event", event);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private AuditLine put(Piece piece) {
        try {
            piece.write(json);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    AuditLine text(String name, String value) {
        return put(to -> to.writeStringField(name, value.length() <= MAX_TEXT_CHARACTERS ? value
                : value.substring(0, Character.isHighSurrogate(value.charAt(MAX_TEXT_CHARACTERS - 1))
                        ? MAX_TEXT_CHARACTERS - 1 : MAX_TEXT_CHARACTERS) + "…"));
    }

    AuditLine texts(String name, Map<String, String> values) {
        put(to -> to.writeObjectFieldStart(name));
        values.forEach(this::text);
        return put(JsonGenerator::writeEndObject);
    }

    AuditLine bool(String name, boolean value) {
        return put(to -> to.writeBooleanField(name, value));
    }

    AuditLine number(String name, long value) {
        return put(to -> to.writeNumberField(name, value));
    }

    /** Adds a time in microseconds; leaves the field out when the time is not known. */
    AuditLine micros(String name, Optional<Duration> time) {
        return time.isPresent() ? number(name, time.get().toNanos() / 1000) : this;
    }

    AuditLine bytes(String name, byte[] value) {
        return text(name, show(value));
    }

    /**
     * Adds a list of words. When they are too long together, the rest is left out, and their number, their whole length
     * and a hash of all identify them: each word with a NUL after it, as in procfs.
     */
    AuditLine words(String name, List<byte[]> words) {
        long all = words.stream().mapToLong(word -> word.length).sum();
        put(to -> {
            to.writeArrayFieldStart(name);
            int left = MAX_WORDS_BYTES;
            for (byte[] word : words) {
                if (left <= 0) {
                    break;
                }
                to.writeString(word.length <= left ? show(word) : show(cut(word, left)) + "…");
                left -= word.length + 1; // an empty word takes space too
            }
            to.writeEndArray();
        });
        if (all + words.size() > MAX_WORDS_BYTES) {
            number(name + "_words", words.size()).number(name + "_bytes", all).text(name + "_sha256", hash(words));
        }
        return this;
    }

    /** Returns at most so many bytes, without a part of a character at the end. */
    private static byte[] cut(byte[] word, int length) {
        int end = length;
        while (end > length - 4 && end > 0 && (word[end] & 0xc0) == 0x80) {
            end--;
        }
        return Arrays.copyOf(word, end);
    }

    private static String hash(List<byte[]> words) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] word : words) {
                digest.update(word);
                digest.update((byte) 0);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private static String show(byte[] word) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(word)).toString();
        } catch (CharacterCodingException e) {
            StringBuilder text = new StringBuilder(word.length + 16);
            for (byte b : word) {
                if (b >= ' ' && b < 0x7f) {
                    text.append((char) b);
                } else {
                    text.append("\\x").append(HexFormat.of().toHexDigits(b));
                }
            }
            return text.toString();
        }
    }

    /** Returns the whole line, with its line feed. */
    byte[] end() {
        put(to -> {
            to.writeEndObject();
            to.writeRaw('\n');
            to.close();
        });
        return bytes.toByteArray();
    }
}
