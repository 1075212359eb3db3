package dev.heddle.resp;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A value of RESP3. RESP2 has the first six kinds; {@link RespWriter} turns the others into those for a RESP2 peer.
 * Attributes are not values here, see {@link ReplyReader}.
 *
 * <p><b>Threading:</b> immutable: arrays are not copied, and must not be changed.
 *
 * @see <a href="https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md">RESP3</a>
 */
public sealed interface RespValue {
    /** A short text, {@code +}. */
    record SimpleString(String text) implements RespValue {
        public static final SimpleString OK = new SimpleString("OK");
    }

    /** An error, {@code -} or (only read) {@code !}: a code in capitals, a blank, and a message for users. */
    record ErrorReply(String text) implements RespValue {
        public String code() {
            return text.split(" ", 2)[0];
        }
    }

    /** A number of 64 bits, {@code :}. */
    record IntegerReply(long value) implements RespValue {}

    /** Bytes of any kind, {@code $}. */
    record BulkString(byte[] bytes) implements RespValue {
        /** Returns a string of this text in UTF-8. */
        public static BulkString of(String text) {
            return new BulkString(text.getBytes(StandardCharsets.UTF_8));
        }

        /** The bytes as UTF-8; what is none becomes replacement characters. */
        public String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof BulkString that && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "BulkString[" + shortened(text()) + "]";
        }
    }

    /** Bytes of any kind that lie in several places, {@code $}. Only written; what is read is a {@link BulkString}. */
    record BulkPieces(List<ByteBuffer> pieces) implements RespValue {}

    /** Nothing, {@code _}; in RESP2 {@code $-1}, or (only read) {@code *-1}. */
    enum Null implements RespValue { NULL }

    /** Values in order, {@code *}. */
    record ArrayReply(List<RespValue> values) implements RespValue {
        public ArrayReply {
            values = List.copyOf(values);
        }

        public static ArrayReply of(RespValue... values) {
            return new ArrayReply(List.of(values));
        }
    }

    /** Keys with their values in the order of the wire, {@code %}; in RESP2 an array of both in turn. */
    record MapReply(List<Map.Entry<RespValue, RespValue>> entries) implements RespValue {
        public MapReply {
            entries = List.copyOf(entries);
        }

        /** Returns a value with the entries in the map's own order. */
        public static MapReply of(Map<RespValue, RespValue> map) {
            return new MapReply(map.entrySet().stream()
                    .map(entry -> Map.entry(entry.getKey(), entry.getValue())).toList());
        }
    }

    /** Values that should differ and whose order does not matter, {@code ~}. Neither is checked. */
    record SetReply(List<RespValue> values) implements RespValue {
        public SetReply {
            values = List.copyOf(values);
        }
    }

    /** A message that answers no request, {@code >}: its kind first, then its content. */
    record Push(List<RespValue> values) implements RespValue {
        public Push {
            values = List.copyOf(values);
        }

        public static Push of(RespValue... values) {
            return new Push(List.of(values));
        }
    }

    /** A floating-point number, {@code ,}: infinities and NaN included. */
    record DoubleReply(double value) implements RespValue {}

    /** A truth value, {@code #}. */
    record BooleanReply(boolean value) implements RespValue {}

    /** A whole number of any size, {@code (}. */
    record BigNumber(BigInteger value) implements RespValue {}

    /**
     * A text to be shown as it is, {@code =}.
     *
     * @param format three printable ASCII characters, {@code txt} or {@code mkd}
     */
    record Verbatim(String format, BulkString content) implements RespValue {
        public Verbatim {
            if (!isFormat(format)) {
                throw new IllegalArgumentException("not the format of a verbatim string: " + format);
            }
        }

        public Verbatim(String format, byte[] bytes) {
            this(format, new BulkString(bytes));
        }

        static boolean isFormat(String format) {
            return format.length() == 3 && format.chars().allMatch(c -> c > ' ' && c < 0x7f);
        }

        public byte[] bytes() {
            return content.bytes();
        }
    }

    /** Returns the text cut for exception messages and logs, where a MiB of output does not help. */
    private static String shortened(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "... " + text.length() + " characters";
    }
}
