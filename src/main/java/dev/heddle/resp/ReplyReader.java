package dev.heddle.resp;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Reads replies and pushes of RESP2 and RESP3, for clients. Streamed strings and aggregates are read as whole ones;
 * attributes, which only describe the value after them, are skipped.
 *
 * @see <a href="https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md">RESP3</a>
 */
public final class ReplyReader {
    private static final RespValue.BulkString EMPTY = new RespValue.BulkString(new byte[0]);
    /** Marks an aggregate that has no size, but ends with a ".". */
    private static final long STREAMED = -2;
    /** How many places for elements an aggregate has at first, whatever its header announces. */
    private static final int FIRST_PLACES = 64;

    private final InputBuffer input;
    private final ReplyLine line; // the one that was taken last
    private final ReplyLimits limits;
    private Diversion diversion = Diversion.NONE; // for the reply under way
    private long leftBytes; // of the limit for the reply under way

    /** Makes a reader at the beginning of a connection. */
    public ReplyReader(InputStream in, ReplyLimits limits) {
        input = new InputBuffer(in, BeforeFill.NOTHING);
        line = new ReplyLine(input, limits.maxLineBytes());
        this.limits = limits;
    }

    /**
     * Reads the next reply or push; error replies are values. Blocks until it is complete. After an exception the
     * reader cannot be used any more.
     *
     * @throws EOFException when the input ends
     * @throws ProtocolException when that is invalid RESP, or over the limits
     * @throws IOException as the stream throws it
     */
    public RespValue read() throws IOException {
        return read(Diversion.NONE);
    }

    /**
     * Reads as {@link #read()} does, but writes those strings of a push that the diversion picks to a stream, as which
     * it throws too; they are empty in the value.
     */
    public RespValue read(Diversion newDiversion) throws IOException {
        diversion = newDiversion;
        if (!input.awaitMessage()) {
            throw endOfInput();
        }
        leftBytes = limits.maxReplyBytes();
        RespValue value = element(0, null);
        if (value == null) {
            throw new ProtocolException("the reply ends an aggregate that it has not begun");
        }
        return value;
    }

    /**
     * Waits for the first byte of the next reply or push. After a time-out here the reader stays usable, unlike after
     * one in the middle of a reply.
     *
     * @throws EOFException when the input ends
     * @throws java.net.SocketTimeoutException as the stream throws it
     */
    public void await() throws IOException {
        if (!input.awaitMore()) {
            throw endOfInput();
        }
    }

    private static EOFException endOfInput() {
        return new EOFException("the server has closed the connection");
    }

    /** Reads a value; null for the "." that ends a streamed aggregate. A string goes to the target if there is one. */
    private RespValue element(int depth, OutputStream target) throws IOException {
        char type = line.take();
        while (type == '|') {
            count(ReplyLimits.VALUE_BYTES);
            entries(size(), depth);
            type = line.take();
        }
        count(ReplyLimits.VALUE_BYTES);
        return switch (type) {
            case '+' -> new RespValue.SimpleString(counted().text());
            case '-' -> new RespValue.ErrorReply(counted().text());
            case ':' -> new RespValue.IntegerReply(line.integer());
            case '$' -> bulk(target);
            case '*' -> line.isNull() ? RespValue.Null.NULL : new RespValue.ArrayReply(elements(size(), depth));
            case '_' -> RespValue.Null.NULL;
            case '#' -> new RespValue.BooleanReply(line.bool());
            case ',' -> new RespValue.DoubleReply(line.number());
            case '(' -> new RespValue.BigNumber(counted().bigInteger());
            case '!' -> new RespValue.ErrorReply(new String(bytes(), StandardCharsets.UTF_8));
            case '=' -> verbatim();
            case '%' -> new RespValue.MapReply(entries(size(), depth));
            case '~' -> new RespValue.SetReply(elements(size(), depth));
            case '>' -> new RespValue.Push(elements(size(), depth, diversion));
            case '.' -> null;
            default -> throw new ProtocolException("no RESP: a reply begins with " + ReplyLine.quoted(type));
        };
    }

    /** Returns the line, whose content has been counted. */
    private ReplyLine counted() throws ProtocolException {
        count(line.length());
        return line;
    }

    private RespValue bulk(OutputStream target) throws IOException {
        if (line.announces('?')) {
            return new RespValue.BulkString(streamedBytes());
        }
        if (target == null || line.isNull()) {
            return line.isNull() ? RespValue.Null.NULL : new RespValue.BulkString(bytes());
        }
        input.transfer(length(), target);
        stringEnd();
        return EMPTY;
    }

    private RespValue verbatim() throws IOException {
        byte[] bytes = bytes();
        if (bytes.length >= 4 && bytes[3] == ':') {
            String format = new String(bytes, 0, 3, StandardCharsets.ISO_8859_1);
            if (RespValue.Verbatim.isFormat(format)) {
                return new RespValue.Verbatim(format, Arrays.copyOfRange(bytes, 4, bytes.length));
            }
        }
        throw new ProtocolException("no RESP: a verbatim string without its format");
    }

    /** Reads the bytes that the line announces, and the CRLF after them. */
    private byte[] bytes() throws IOException {
        byte[] bytes = input.take(length(), step -> {});
        stringEnd();
        return bytes;
    }

    private int length() throws ProtocolException {
        long length = line.integer();
        if (length < 0 || length > limits.maxBulkBytes()) {
            throw new ProtocolException("a string of the reply has " + length + " bytes, allowed are 0 to "
                    + limits.maxBulkBytes());
        }
        count(length);
        return (int) length;
    }

    private void stringEnd() throws IOException {
        if (!input.takeLineEnd()) {
            throw new ProtocolException("no RESP: a string of the reply is longer than announced");
        }
    }

    private byte[] streamedBytes() throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        while (true) {
            if (line.take() != ';') {
                throw new ProtocolException("no RESP: something else within a streamed string");
            }
            count(ReplyLimits.VALUE_BYTES);
            if (line.announces('0')) {
                return whole.toByteArray();
            }
            whole.writeBytes(bytes());
            if (whole.size() > limits.maxBulkBytes()) {
                throw new ProtocolException("a string of the reply is longer than " + limits.maxBulkBytes() + " bytes");
            }
        }
    }

    private long size() throws ProtocolException {
        if (line.announces('?')) {
            return STREAMED;
        }
        long size = line.integer();
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
        return elements(size, depth, Diversion.NONE);
    }

    private List<RespValue> elements(long size, int depth, Diversion strings) throws IOException {
        if (depth >= limits.maxDepth()) {
            throw new ProtocolException("the reply is nested deeper than " + limits.maxDepth());
        }
        if (size > leftBytes / ReplyLimits.VALUE_BYTES) {
            throw tooLarge();
        }
        List<RespValue> elements = new ArrayList<>(Math.clamp(size, 0, FIRST_PLACES));
        for (long i = 0; size == STREAMED || i < size; i++) {
            RespValue element = element(depth + 1, strings.of(elements));
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
