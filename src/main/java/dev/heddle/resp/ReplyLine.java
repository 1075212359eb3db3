package dev.heddle.resp;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * A line of a reply: the character of its type, and its content. It lies in the input's buffer, and is readable until
 * more is taken from there.
 *
 * <p><b>Threading:</b> belongs to the reader and its thread.
 */
final class ReplyLine {
    /** The numbers of RESP: Double.parseDouble accepts more (hexadecimal, suffixes, blanks). */
    private static final Pattern DOUBLE = Pattern.compile("[+-]?[0-9]+(\\.[0-9]*)?([eE][+-]?[0-9]+)?");
    private static final Pattern BIG_NUMBER = Pattern.compile("[+-]?[0-9]+");

    private final InputBuffer input;
    private final int maxBytes;
    private int start; // the type's character
    private int end; // of the content

    ReplyLine(InputBuffer input, int maxBytes) {
        this.input = input;
        this.maxBytes = maxBytes;
    }

    /** Takes the next line and returns its type. */
    char take() throws IOException {
        int lineFeed = input.findLine(maxBytes, growth -> {});
        if (lineFeed == InputBuffer.TOO_LONG) {
            throw new ProtocolException("a line of the reply is longer than " + maxBytes + " bytes");
        }
        start = input.position;
        end = input.withoutCarriageReturn(lineFeed);
        if (end == lineFeed || end == start) {
            throw new ProtocolException("no RESP: a line of the reply is empty or does not end with CRLF");
        }
        input.position = lineFeed + 1;
        return (char) (input.bytes[start] & 0xff);
    }

    /** Returns the length of the content in bytes. */
    int length() {
        return end - start;
    }

    String text() {
        return new String(input.bytes, start + 1, end - start - 1, StandardCharsets.UTF_8);
    }

    /** Tells whether the content is this character alone. */
    boolean announces(char content) {
        return end == start + 2 && input.bytes[start + 1] == content;
    }

    /** Tells whether the content is -1: RESP2 has a null for strings and one for arrays. */
    boolean isNull() {
        return end == start + 3 && input.bytes[start + 1] == '-' && input.bytes[start + 2] == '1';
    }

    long integer() throws ProtocolException {
        boolean plus = end - start > 2 && input.bytes[start + 1] == '+' && input.bytes[start + 2] != '-';
        return StrictNumber.parse(input.bytes, start + (plus ? 2 : 1), end, "no RESP: not an integer of 64 bits");
    }

    boolean bool() throws ProtocolException {
        if (!announces('t') && !announces('f')) {
            throw new ProtocolException("no RESP: not a boolean: " + shortened(text()));
        }
        return announces('t');
    }

    double number() throws ProtocolException {
        return switch (text()) {
            case "inf", "+inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan" -> Double.NaN;
            case String digits when DOUBLE.matcher(digits).matches() -> Double.parseDouble(digits);
            case String other -> throw new ProtocolException("no RESP: not a number: " + shortened(other));
        };
    }

    BigInteger bigInteger() throws ProtocolException {
        String text = text();
        if (!BIG_NUMBER.matcher(text).matches()) {
            throw new ProtocolException("no RESP: not a whole number: " + shortened(text));
        }
        return new BigInteger(text);
    }

    private static String shortened(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }

    /** Returns a type as messages show it. */
    static String quoted(char type) {
        return type > ' ' && type < 0x7f ? "'" + type + "'" : String.format("byte 0x%02x", (int) type);
    }
}
