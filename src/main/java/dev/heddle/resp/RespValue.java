package dev.heddle.resp;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A value of RESP3, see its specification; RESP2 has the first five kinds only. */
public sealed interface RespValue {
    /** A short text without line breaks, {@code +}. */
    record SimpleString(String text) implements RespValue {
        public static final SimpleString OK = new SimpleString("OK");
    }

    /** An error, {@code -}: a code in capitals, a blank, a message. */
    record ErrorReply(String text) implements RespValue {
        /** The first word. */
        public String code() {
            int blank = text.indexOf(' ');
            return blank < 0 ? text : text.substring(0, blank);
        }
    }

    /** A number, {@code :}. */
    record IntegerReply(long value) implements RespValue {}

    /** Bytes, {@code $}. */
    record BulkString(byte[] bytes) implements RespValue {
        public static BulkString of(String text) {
            return new BulkString(text.getBytes(StandardCharsets.UTF_8));
        }

        public String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof BulkString bulk && Arrays.equals(bytes, bulk.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "BulkString[" + (bytes.length > 256 ? bytes.length + " bytes" : text()) + "]";
        }
    }

    /** A list, {@code *}. */
    record ArrayReply(List<RespValue> values) implements RespValue {
        public ArrayReply {
            values = List.copyOf(values);
        }
    }

    /** Nothing, {@code _}. */
    record Null() implements RespValue {
        public static final Null NULL = new Null();
    }

    /** Pairs in their order, {@code %}; keys and values in turn. */
    record MapReply(List<RespValue> keysAndValues) implements RespValue {
        public MapReply {
            keysAndValues = List.copyOf(keysAndValues);
            if (keysAndValues.size() % 2 != 0) {
                throw new IllegalArgumentException("a key without a value");
            }
        }

        public static MapReply of(Map<RespValue, RespValue> map) {
            return new MapReply(map.entrySet().stream()
                    .flatMap(entry -> java.util.stream.Stream.of(entry.getKey(), entry.getValue())).toList());
        }
    }

    /** A set, {@code ~}. */
    record SetReply(List<RespValue> values) implements RespValue {
        public SetReply {
            values = List.copyOf(values);
        }
    }

    /** Out-of-band data, {@code >}. */
    record Push(List<RespValue> values) implements RespValue {
        public Push {
            values = List.copyOf(values);
        }
    }

    /** A floating point number, {@code ,}. */
    record DoubleReply(double value) implements RespValue {}

    /** True or false, {@code #}. */
    record BooleanReply(boolean value) implements RespValue {}

    /** A number of any size, {@code (}. */
    record BigNumber(BigInteger value) implements RespValue {}

    /** A text with a hint of three letters how to show it, {@code =}. */
    record Verbatim(String format, byte[] bytes) implements RespValue {
        public Verbatim {
            if (format.length() != 3) {
                throw new IllegalArgumentException("a format has three letters: " + format);
            }
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Verbatim text && format.equals(text.format)
                    && Arrays.equals(bytes, text.bytes);
        }

        @Override
        public int hashCode() {
            return 31 * format.hashCode() + Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "Verbatim[" + format + ":" + new String(bytes, StandardCharsets.UTF_8) + "]";
        }
    }
}
