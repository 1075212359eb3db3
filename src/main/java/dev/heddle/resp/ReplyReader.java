package dev.heddle.resp;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what a server sends: any value of RESP2 and RESP3 but streamed ones, attributes being skipped. Belongs
 * to one thread.
 */
public final class ReplyReader {
    private static final int MAX_LINE_BYTES = 64 << 10;

    private final InputStream in;
    private final ReplyLimits limits;

    public ReplyReader(InputStream in, ReplyLimits limits) {
        this.in = new BufferedInputStream(in);
        this.limits = limits;
    }

    /**
     * Reads a value. Blocks until it is complete. Errors are values like others.
     *
     * @throws EOFException when the server has ended the connection
     * @throws ProtocolException when this is no RESP, or exceeds a limit
     */
    public RespValue read() throws IOException {
        return value(0);
    }

    private RespValue value(int depth) throws IOException {
        if (depth > limits.maxDepth()) {
            throw new ProtocolException("a reply is nested too deep");
        }
        String line = line();
        if (line.isEmpty()) {
            throw new ProtocolException("an empty line is no reply");
        }
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> new RespValue.SimpleString(rest);
            case '-' -> new RespValue.ErrorReply(rest);
            case ':' -> new RespValue.IntegerReply(number(rest));
            case '$' -> rest.equals("-1") ? RespValue.Null.NULL : new RespValue.BulkString(bulk(rest));
            case '*' -> rest.equals("-1") ? RespValue.Null.NULL : new RespValue.ArrayReply(values(rest, 1, depth));
            case '_' -> RespValue.Null.NULL;
            case '%' -> new RespValue.MapReply(values(rest, 2, depth));
            case '~' -> new RespValue.SetReply(values(rest, 1, depth));
            case '>' -> new RespValue.Push(values(rest, 1, depth));
            case ',' -> new RespValue.DoubleReply(real(rest));
            case '#' -> new RespValue.BooleanReply(truth(rest));
            case '(' -> new RespValue.BigNumber(big(rest));
            case '=' -> verbatim(bulk(rest));
            case '!' -> new RespValue.ErrorReply(new String(bulk(rest), StandardCharsets.UTF_8));
            case '|' -> {
                values(rest, 2, depth);
                yield value(depth);
            }
            default -> throw new ProtocolException("not a reply: " + line);
        };
    }

    private List<RespValue> values(String count, int each, int depth) throws IOException {
        long number = number(count);
        if (number < 0 || number > limits.maxElements()) {
            throw new ProtocolException("a reply of " + count + " elements");
        }
        List<RespValue> values = new ArrayList<>();
        for (long i = 0; i < number * each; i++) {
            values.add(value(depth + 1));
        }
        return values;
    }

    private byte[] bulk(String length) throws IOException {
        long number = number(length);
        if (number < 0 || number > limits.maxBulkBytes()) {
            throw new ProtocolException("a string of " + length + " bytes");
        }
        byte[] bytes = in.readNBytes((int) number);
        if (bytes.length < number) {
            throw new EOFException("the connection ended in the middle of a reply");
        }
        if (in.read() != '\r' || in.read() != '\n') {
            throw new ProtocolException("a string is longer than its length");
        }
        return bytes;
    }

    private static RespValue verbatim(byte[] bytes) throws ProtocolException {
        if (bytes.length < 4 || bytes[3] != ':') {
            throw new ProtocolException("a verbatim string without its format");
        }
        String text = new String(bytes, 0, 3, StandardCharsets.US_ASCII);
        return new RespValue.Verbatim(text, java.util.Arrays.copyOfRange(bytes, 4, bytes.length));
    }

    private static long number(String text) throws ProtocolException {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ProtocolException("not a number: " + text);
        }
    }

    private static BigInteger big(String text) throws ProtocolException {
        try {
            return new BigInteger(text);
        } catch (NumberFormatException e) {
            throw new ProtocolException("not a number: " + text);
        }
    }

    private static double real(String text) throws ProtocolException {
        try {
            return switch (text) {
                case "inf" -> Double.POSITIVE_INFINITY;
                case "-inf" -> Double.NEGATIVE_INFINITY;
                case "nan" -> Double.NaN;
                default -> Double.parseDouble(text);
            };
        } catch (NumberFormatException e) {
            throw new ProtocolException("not a number: " + text);
        }
    }

    private static boolean truth(String text) throws ProtocolException {
        return switch (text) {
            case "t" -> true;
            case "f" -> false;
            default -> throw new ProtocolException("neither true nor false: " + text);
        };
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\r'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the server has ended the connection");
            }
            if (line.size() == MAX_LINE_BYTES) {
                throw new ProtocolException("a line of more than " + MAX_LINE_BYTES + " bytes");
            }
            line.write(b);
        }
        if (in.read() != '\n') {
            throw new ProtocolException("a carriage return without a line feed");
        }
        return line.toString(StandardCharsets.UTF_8);
    }
}
