package dev.heddle.resp;

import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BigNumber;
import dev.heddle.resp.RespValue.BooleanReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.DoubleReply;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.MapReply;
import dev.heddle.resp.RespValue.Null;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.resp.RespValue.SetReply;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.resp.RespValue.Verbatim;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The client's side: reads replies and pushes of RESP2 and RESP3. Streamed strings and aggregates are read as
 * whole ones; attributes, which only tell something about the value behind them, are skipped. Belongs to the
 * thread that reads the connection.
 *
 * @see <a href="https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md">RESP3</a>
 */
public final class ReplyReader {
    /** What Double.parseDouble accepts beyond this (hexadecimal, suffixes, blanks) is no RESP. */
    private static final Pattern DOUBLE = Pattern.compile("[+-]?[0-9]+(\\.[0-9]*)?([eE][+-]?[0-9]+)?");
    private static final Pattern BIG_NUMBER = Pattern.compile("[+-]?[0-9]+");
    /** The size of an aggregate that ends with a "." instead. */
    private static final long STREAMED = -2;
    /** How many places for elements there are at first, whatever the header announces. */
    private static final int FIRST_PLACES = 64;

    private final InputBuffer input;
    private final ReplyLimits limits;
    private long leftBytes; // of the limit for the reply under way
    private int end; // of the content of the line that was taken last; its type's character is at start
    private int start;

    /** A reader at the beginning of a connection. */
    public ReplyReader(InputStream in, ReplyLimits limits) {
        input = new InputBuffer(in, BeforeFill.NOTHING);
        this.limits = limits;
    }

    /** Whether bytes of a further reply have been read already. */
    public boolean buffered() {
        return !input.isEmpty();
    }

    /**
     * Reads the next reply or push. Blocks until it is complete. Error replies are values. After an exception
     * the reader cannot be used any more.
     *
     * @throws EOFException when the input ends
     * @throws ProtocolException when that is no RESP, or over the limits
     * @throws IOException as the stream throws it
     */
    public RespValue read() throws IOException {
        if (!input.awaitMessage()) {
            throw new EOFException("the server has closed the connection");
        }
        leftBytes = limits.maxReplyBytes();
        RespValue value = element(0);
        if (value == null) {
            throw new ProtocolException("the reply ends an aggregate that it has not begun");
        }
        return value;
    }

    /** A value; null for the "." that ends a streamed aggregate. */
    private RespValue element(int depth) throws IOException {
        char type = line();
        while (type == '|') {
            count(ReplyLimits.VALUE_BYTES);
            entries(size(), depth);
            type = line();
        }
        count(ReplyLimits.VALUE_BYTES);
        return switch (type) {
            case '+' -> new SimpleString(text());
            case '-' -> new ErrorReply(text());
            case ':' -> new IntegerReply(integer());
            case '$' -> bulk();
            case '*' -> array(depth);
            case '_' -> Null.NULL;
            case '#' -> bool();
            case ',' -> number();
            case '(' -> new BigNumber(bigInteger());
            case '!' -> new ErrorReply(new String(bytes(), StandardCharsets.UTF_8));
            case '=' -> verbatim();
            case '%' -> new MapReply(entries(size(), depth));
            case '~' -> new SetReply(elements(size(), depth));
            case '>' -> new Push(elements(size(), depth));
            case '.' -> null;
            default -> throw new ProtocolException("no RESP: a reply begins with " + quoted(type));
        };
    }

    private static String quoted(char type) {
        return type > ' ' && type < 0x7f ? "'" + type + "'" : String.format("byte 0x%02x", (int) type);
    }

    private static String shortened(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }

    /** Takes a line; the answer is its first character. */
    private char line() throws IOException {
        int lineFeed = input.findLine(limits.maxLineBytes());
        if (lineFeed == InputBuffer.TOO_LONG) {
            throw new ProtocolException("a line of the reply is longer than " + limits.maxLineBytes()
                    + " bytes");
        }
        start = input.position;
        end = input.withoutCarriageReturn(lineFeed);
        if (end == lineFeed || end == start) {
            throw new ProtocolException("no RESP: a line of the reply is empty or does not end with CRLF");
        }
        input.position = lineFeed + 1;
        return (char) (input.bytes[start] & 0xff);
    }

    private String text() throws ProtocolException {
        count(end - start);
        return new String(input.bytes, start + 1, end - start - 1, StandardCharsets.UTF_8);
    }

    private long integer() throws ProtocolException {
        boolean plus = end - start > 2 && input.bytes[start + 1] == '+' && input.bytes[start + 2] != '-';
        return StrictNumber.parse(input.bytes, start + (plus ? 2 : 1), end,
                "no RESP: not an integer of 64 bits");
    }

    private boolean announces(char content) {
        return end == start + 2 && input.bytes[start + 1] == content;
    }

    private RespValue bool() throws ProtocolException {
        if (!announces('t') && !announces('f')) {
            throw new ProtocolException("no RESP: not a boolean: " + shortened(text()));
        }
        return new BooleanReply(announces('t'));
    }

    private RespValue number() throws ProtocolException {
        String text = text();
        return new DoubleReply(switch (text) {
            case "inf", "+inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan" -> Double.NaN;
            case String digits when DOUBLE.matcher(digits).matches() -> Double.parseDouble(digits);
            case String other -> throw new ProtocolException("no RESP: not a number: " + shortened(other));
        });
    }

    private BigInteger bigInteger() throws ProtocolException {
        String text = text();
        if (!BIG_NUMBER.matcher(text).matches()) {
            throw new ProtocolException("no RESP: not a whole number: " + shortened(text));
        }
        return new BigInteger(text);
    }

    private RespValue bulk() throws IOException {
        if (announces('?')) {
            return new BulkString(streamedBytes());
        }
        return isNull() ? Null.NULL : new BulkString(bytes());
    }

    private RespValue array(int depth) throws IOException {
        return isNull() ? Null.NULL : new ArrayReply(elements(size(), depth));
    }

    /** RESP2 has a null for strings and one for arrays. */
    private boolean isNull() {
        return end == start + 3 && input.bytes[start + 1] == '-' && input.bytes[start + 2] == '1';
    }

    private RespValue verbatim() throws IOException {
        byte[] bytes = bytes();
        if (bytes.length >= 4 && bytes[3] == ':') {
            String format = new String(bytes, 0, 3, StandardCharsets.ISO_8859_1);
            if (Verbatim.isFormat(format)) {
                return new Verbatim(format, Arrays.copyOfRange(bytes, 4, bytes.length));
            }
        }
        throw new ProtocolException("no RESP: a verbatim string without its format");
    }

    /** The bytes that the line announces, and the CRLF behind them. */
    private byte[] bytes() throws IOException {
        long length = integer();
        if (length < 0 || length > limits.maxBulkBytes()) {
            throw new ProtocolException("a string of the reply has " + length + " bytes, allowed are 0 to "
                    + limits.maxBulkBytes());
        }
        count(length);
        byte[] bytes = input.take((int) length, step -> {});
        input.require(2);
        if (input.bytes[input.position] != '\r' || input.bytes[input.position + 1] != '\n') {
            throw new ProtocolException("no RESP: a string of the reply is longer than announced");
        }
        input.position += 2;
        return bytes;
    }

    private byte[] streamedBytes() throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        while (true) {
            if (line() != ';') {
                throw new ProtocolException("no RESP: something else within a streamed string");
            }
            count(ReplyLimits.VALUE_BYTES);
            if (announces('0')) {
                return whole.toByteArray();
            }
            whole.writeBytes(bytes());
            if (whole.size() > limits.maxBulkBytes()) {
                throw new ProtocolException("a string of the reply is longer than " + limits.maxBulkBytes()
                        + " bytes");
            }
        }
    }

    private long size() throws ProtocolException {
        if (announces('?')) {
            return STREAMED;
        }
        long size = integer();
        if (size < 0) {
            throw new ProtocolException("no RESP: an aggregate of the size " + size);
        }
        return size;
    }

    private List<Map.Entry<RespValue, RespValue>> entries(long size, int depth) throws IOException {
        if (size > Long.MAX_VALUE / 2) {
            throw new ProtocolException("an aggregate of the reply is too large: " + size);
        }
        List<RespValue> elements = elements(size == STREAMED ? STREAMED : 2 * size, depth);
        if (elements.size() % 2 != 0) {
            throw new ProtocolException("no RESP: a key without a value");
        }
        List<Map.Entry<RespValue, RespValue>> entries = new ArrayList<>(elements.size() / 2);
        for (int i = 0; i < elements.size(); i += 2) {
            entries.add(Map.entry(elements.get(i), elements.get(i + 1)));
        }
        return entries;
    }

    private List<RespValue> elements(long size, int depth) throws IOException {
        if (depth >= limits.maxDepth()) {
            throw new ProtocolException("the reply is nested deeper than " + limits.maxDepth());
        }
        if (size > leftBytes / ReplyLimits.VALUE_BYTES) {
            throw tooLarge();
        }
        List<RespValue> elements = new ArrayList<>(Math.clamp(size, 0, FIRST_PLACES));
        for (long i = 0; size == STREAMED || i < size; i++) {
            RespValue element = element(depth + 1);
            if (element == null) {
                if (size == STREAMED) {
                    break;
                }
                throw new ProtocolException("no RESP: an aggregate that has a size ends with '.'");
            }
            elements.add(element);
        }
        return elements;
    }

    private void count(long bytes) throws ProtocolException {
        leftBytes -= bytes;
        if (leftBytes < 0) {
            throw tooLarge();
        }
    }

    private ProtocolException tooLarge() {
        return new ProtocolException("the reply is larger than " + limits.maxReplyBytes() + " bytes");
    }
}
