package dev.heddle.resp;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Writes values and requests to a stream. What is small is collected until {@link #flush}, or until the buffer is full;
 * large byte arrays go out without being copied. Never emits streamed strings ({@code $?}), attributes ({@code |}) and
 * bulk errors ({@code !}), which break clients.
 *
 * <p>Every method blocks while the peer takes nothing, and throws what the stream throws; after that the connection
 * cannot be used, because a part of a value may have been sent.
 *
 * <p><b>Threading:</b> one thread at a time owns it, and hands it over safely.
 */
public final class RespWriter {
    private static final int NULL_LENGTH = -1;

    private final OutputBuffer buffer;

    /** A writer to this stream, which needs no buffer of its own. Writes nothing yet. */
    public RespWriter(OutputStream out) {
        this(RespOutput.of(out));
    }

    public RespWriter(RespOutput out) {
        buffer = new OutputBuffer(out);
    }

    /** Writes a value in the form that this version has for it. */
    public void write(RespValue value, RespVersion version) throws IOException {
        boolean resp3 = version == RespVersion.RESP3;
        switch (value) {
            case RespValue.SimpleString(String text) -> line('+', text);
            case RespValue.ErrorReply(String text) -> line('-', text);
            case RespValue.IntegerReply(long number) -> numberLine(':', number);
            case RespValue.BulkString(byte[] bytes) -> bulk(bytes);
            case RespValue.BulkPieces(List<ByteBuffer> pieces) -> bulk(pieces);
            case RespValue.Null none when resp3 -> line('_', "");
            case RespValue.Null none -> numberLine('$', NULL_LENGTH);
            case RespValue.ArrayReply(List<RespValue> values) -> aggregate('*', values, version);
            case RespValue.SetReply(List<RespValue> values) -> aggregate(resp3 ? '~' : '*', values, version);
            case RespValue.Push(List<RespValue> values) -> aggregate(resp3 ? '>' : '*', values, version);
            case RespValue.MapReply map -> map(map, version);
            case RespValue.DoubleReply(double number) -> lineOrBulk(resp3, ',', text(number));
            case RespValue.BigNumber number -> lineOrBulk(resp3, '(', number.value().toString());
            case RespValue.BooleanReply(boolean truth) when resp3 -> line('#', truth ? "t" : "f");
            case RespValue.BooleanReply(boolean truth) -> numberLine(':', truth ? 1 : 0);
            case RespValue.Verbatim verbatim when resp3 -> verbatim(verbatim);
            case RespValue.Verbatim verbatim -> bulk(verbatim.bytes());
        }
    }

    /** Writes a request as clients do: an array of bulk strings. */
    public void writeRequest(List<byte[]> words) throws IOException {
        numberLine('*', words.size());
        for (byte[] word : words) {
            bulk(word);
        }
    }

    /** Sends everything that was written, and gives the larger buffer back. */
    public void flush() throws IOException {
        buffer.flush();
    }

    private void aggregate(char type, List<RespValue> values, RespVersion version) throws IOException {
        numberLine(type, values.size());
        for (RespValue value : values) {
            write(value, version);
        }
    }

    private void map(RespValue.MapReply map, RespVersion version) throws IOException {
        boolean resp3 = version == RespVersion.RESP3;
        numberLine(resp3 ? '%' : '*', (resp3 ? 1L : 2L) * map.entries().size());
        for (Map.Entry<RespValue, RespValue> entry : map.entries()) {
            write(entry.getKey(), version);
            write(entry.getValue(), version);
        }
    }

    /** As Redis writes it: no fraction where there is none, and its own words for what is no number. */
    private static String text(double number) {
        if (Double.isNaN(number)) {
            return "nan";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        String text = Double.toString(number);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    private void lineOrBulk(boolean resp3, char type, String text) throws IOException {
        if (resp3) {
            line(type, text);
        } else {
            bulk(text.getBytes(StandardCharsets.US_ASCII));
        }
    }

    private void verbatim(RespValue.Verbatim verbatim) throws IOException {
        String format = verbatim.format();
        numberLine('=', format.length() + 1L + verbatim.bytes().length);
        ascii(format);
        buffer.put(':');
        buffer.put(verbatim.bytes());
        buffer.lineEnd();
    }

    private void bulk(byte[] bytes) throws IOException {
        numberLine('$', bytes.length);
        buffer.put(bytes);
        buffer.lineEnd();
    }

    private void bulk(List<ByteBuffer> pieces) throws IOException {
        numberLine('$', pieces.stream().mapToLong(ByteBuffer::remaining).sum());
        for (ByteBuffer piece : pieces) {
            buffer.put(piece.duplicate());
        }
        buffer.lineEnd();
    }

    /** A line of text. A CR or LF in it would end it, and the rest would be taken for the next reply. */
    private void line(char type, String text) throws IOException {
        buffer.put(type);
        if (!ascii(text)) {
            for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
                buffer.put(b == '\r' || b == '\n' ? ' ' : b);
            }
        }
        buffer.lineEnd();
    }

    /** Puts an ASCII text without an array of its own. False, and nothing is put, for any other. */
    private boolean ascii(String text) throws IOException {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            buffer.put(c == '\r' || c == '\n' ? ' ' : c);
        }
        return true;
    }

    private void numberLine(char type, long number) throws IOException {
        buffer.put(type);
        buffer.number(number);
        buffer.lineEnd();
    }
}
