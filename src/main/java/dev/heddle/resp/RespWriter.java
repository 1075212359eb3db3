package dev.heddle.resp;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes values and requests. Not safe for use by several threads at once: its owner, one thread at a time,
 * writes and flushes. The buffer exists only between a write and the flush, so that an idle connection has none;
 * long strings go past it.
 *
 * <p>Of RESP3 it never emits streamed strings, attributes or bulk errors, which common clients cannot read.
 */
public final class RespWriter {
    private static final int BUFFER_BYTES = 8 * 1024;
    private static final int MAX_DECIMAL_BYTES = 20;

    private final OutputStream out;
    private byte[] buffer; // null while empty
    private int size;

    public RespWriter(OutputStream out) {
        this.out = out;
    }

    /** Writes a value; what RESP2 does not have, as the nearest thing that it has. May block. */
    public void write(RespValue value, RespVersion version) throws IOException {
        boolean resp3 = version == RespVersion.RESP3;
        switch (value) {
            case RespValue.SimpleString(String text) -> line('+', text);
            case RespValue.ErrorReply(String text) -> line('-', text);
            case RespValue.IntegerReply(long number) -> header(':', number);
            case RespValue.BulkString(byte[] bytes) -> bulk(bytes);
            case RespValue.ArrayReply(List<RespValue> values) -> aggregate('*', values, version);
            case RespValue.Null() -> raw(resp3 ? "_\r\n" : "$-1\r\n");
            case RespValue.MapReply(List<RespValue> pairs) -> {
                header(resp3 ? '%' : '*', resp3 ? pairs.size() / 2 : pairs.size());
                for (RespValue element : pairs) {
                    write(element, version);
                }
            }
            case RespValue.SetReply(List<RespValue> values) -> aggregate(resp3 ? '~' : '*', values, version);
            case RespValue.Push(List<RespValue> values) -> aggregate(resp3 ? '>' : '*', values, version);
            case RespValue.DoubleReply(double number) -> {
                if (resp3) {
                    line(',', text(number));
                } else {
                    bulk(text(number).getBytes(StandardCharsets.US_ASCII));
                }
            }
            case RespValue.BooleanReply(boolean truth) -> {
                if (resp3) {
                    raw(truth ? "#t\r\n" : "#f\r\n");
                } else {
                    header(':', truth ? 1 : 0);
                }
            }
            case RespValue.BigNumber number -> {
                if (resp3) {
                    line('(', number.value().toString());
                } else {
                    bulk(number.value().toString().getBytes(StandardCharsets.US_ASCII));
                }
            }
            case RespValue.Verbatim(String format, byte[] bytes) -> {
                if (resp3) {
                    header('=', bytes.length + 4L);
                    raw(format + ":");
                    bytes(bytes);
                    raw("\r\n");
                } else {
                    bulk(bytes);
                }
            }
        }
    }

    /** Writes a request as clients do: an array of bulk strings. May block. */
    public void writeRequest(List<byte[]> words) throws IOException {
        header('*', words.size());
        for (byte[] word : words) {
            bulk(word);
        }
    }

    /** Sends what is buffered. May block. */
    public void flush() throws IOException {
        if (size > 0) {
            int length = size;
            byte[] bytes = buffer;
            size = 0;
            buffer = null;
            out.write(bytes, 0, length);
        }
        out.flush();
    }

    private static String text(double number) {
        if (Double.isNaN(number)) {
            return "nan";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        return Double.toString(number);
    }

    private void aggregate(char type, List<RespValue> values, RespVersion version) throws IOException {
        header(type, values.size());
        for (RespValue value : values) {
            write(value, version);
        }
    }

    private void bulk(byte[] bytes) throws IOException {
        header('$', bytes.length);
        bytes(bytes);
        raw("\r\n");
    }

    /** A line break in the text, which may come from a client, would split the reply: it becomes a blank. */
    private void line(char type, String text) throws IOException {
        room(1);
        buffer[size++] = (byte) type;
        if (text.indexOf('\r') >= 0 || text.indexOf('\n') >= 0) {
            raw(text.replace('\r', ' ').replace('\n', ' '));
        } else {
            raw(text);
        }
        raw("\r\n");
    }

    @SuppressWarnings("deprecation") // getBytes(int, int, byte[], int) copies ASCII without allocating
    private void raw(String text) throws IOException {
        int length = text.length();
        if (length > BUFFER_BYTES / 4 || !isAscii(text)) {
            bytes(text.getBytes(StandardCharsets.UTF_8));
            return;
        }
        room(length);
        text.getBytes(0, length, buffer, size);
        size += length;
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private void header(char type, long number) throws IOException {
        room(1 + MAX_DECIMAL_BYTES + 2);
        buffer[size++] = (byte) type;
        decimal(number);
        buffer[size++] = '\r';
        buffer[size++] = '\n';
    }

    private void decimal(long number) {
        if (number < 0) {
            buffer[size++] = '-';
        }
        int digits = 1;
        for (long rest = number / 10; rest != 0; rest /= 10) {
            digits++;
        }
        long rest = number;
        for (int i = size + digits - 1; i >= size; i--) {
            buffer[i] = (byte) ('0' + Math.abs(rest % 10));
            rest /= 10;
        }
        size += digits;
    }

    private void bytes(byte[] bytes) throws IOException {
        if (bytes.length > BUFFER_BYTES / 2) {
            flush();
            out.write(bytes);
        } else {
            room(bytes.length);
            System.arraycopy(bytes, 0, buffer, size, bytes.length);
            size += bytes.length;
        }
    }

    private void room(int length) throws IOException {
        if (buffer != null && size + length > buffer.length) {
            out.write(buffer, 0, size);
            size = 0;
        }
        if (buffer == null) {
            buffer = new byte[BUFFER_BYTES];
        }
    }
}
