package dev.heddle.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import dev.heddle.testing.Allocations;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RespWriterTest {
    private static final RespValue A = BulkString.of("a");
    private static final RespValue ONE = new IntegerReply(1);

    /** A value, its form in RESP2, its form in RESP3, and what a RESP2 client reads. */
    static List<Arguments> values() {
        Map<RespValue, RespValue> map = new LinkedHashMap<>();
        map.put(A, ONE);
        map.put(ONE, Null.NULL);
        return List.of(
                Arguments.of(SimpleString.OK, "+OK\r\n", "+OK\r\n", SimpleString.OK),
                Arguments.of(new SimpleString("ü"), "+ü\r\n", "+ü\r\n", new SimpleString("ü")),
                Arguments.of(new ErrorReply("ERR no"), "-ERR no\r\n", "-ERR no\r\n",
                        new ErrorReply("ERR no")),
                number(0), number(-1), number(10), number(Long.MAX_VALUE), number(Long.MIN_VALUE),
                Arguments.of(BulkString.of("a\r\nü"), "$5\r\na\r\nü\r\n", "$5\r\na\r\nü\r\n",
                        BulkString.of("a\r\nü")),
                Arguments.of(BulkString.of(""), "$0\r\n\r\n", "$0\r\n\r\n", BulkString.of("")),
                Arguments.of(Null.NULL, "$-1\r\n", "_\r\n", Null.NULL),
                Arguments.of(ArrayReply.of(), "*0\r\n", "*0\r\n", ArrayReply.of()),
                Arguments.of(ArrayReply.of(A, ArrayReply.of(Null.NULL)), "*2\r\n$1\r\na\r\n*1\r\n$-1\r\n",
                        "*2\r\n$1\r\na\r\n*1\r\n_\r\n", ArrayReply.of(A, ArrayReply.of(Null.NULL))),
                Arguments.of(MapReply.of(map), "*4\r\n$1\r\na\r\n:1\r\n:1\r\n$-1\r\n",
                        "%2\r\n$1\r\na\r\n:1\r\n:1\r\n_\r\n", ArrayReply.of(A, ONE, ONE, Null.NULL)),
                Arguments.of(new SetReply(List.of(A, ONE)), "*2\r\n$1\r\na\r\n:1\r\n",
                        "~2\r\n$1\r\na\r\n:1\r\n", ArrayReply.of(A, ONE)),
                Arguments.of(Push.of(A, ONE), "*2\r\n$1\r\na\r\n:1\r\n", ">2\r\n$1\r\na\r\n:1\r\n",
                        ArrayReply.of(A, ONE)),
                real(1.5, "1.5"), real(10, "10"), real(-0.0, "-0"), real(1e300, "1.0E300"),
                real(Double.POSITIVE_INFINITY, "inf"), real(Double.NEGATIVE_INFINITY, "-inf"),
                real(Double.NaN, "nan"),
                Arguments.of(new BooleanReply(true), ":1\r\n", "#t\r\n", ONE),
                Arguments.of(new BooleanReply(false), ":0\r\n", "#f\r\n", new IntegerReply(0)),
                Arguments.of(new BigNumber(new BigInteger("-12345678901234567890")),
                        "$21\r\n-12345678901234567890\r\n", "(-12345678901234567890\r\n",
                        BulkString.of("-12345678901234567890")),
                Arguments.of(new Verbatim("txt", "a\r\n".getBytes(StandardCharsets.UTF_8)),
                        "$3\r\na\r\n\r\n", "=7\r\ntxt:a\r\n\r\n", BulkString.of("a\r\n")));
    }

    private static Arguments number(long number) {
        RespValue value = new IntegerReply(number);
        return Arguments.of(value, ":" + number + "\r\n", ":" + number + "\r\n", value);
    }

    private static Arguments real(double number, String text) {
        return Arguments.of(new DoubleReply(number), "$" + text.length() + "\r\n" + text + "\r\n",
                "," + text + "\r\n", BulkString.of(text));
    }

    private static byte[] written(RespValue value, RespVersion version) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        RespWriter writer = new RespWriter(out);
        writer.write(value, version);
        writer.flush();
        return out.toByteArray();
    }

    @ParameterizedTest
    @MethodSource("values")
    void eachValueHasItsFormInEachVersion(RespValue value, String resp2, String resp3) throws IOException {
        assertThat(written(value, RespVersion.RESP2)).asString(StandardCharsets.UTF_8).isEqualTo(resp2);
        assertThat(written(value, RespVersion.RESP3)).asString(StandardCharsets.UTF_8).isEqualTo(resp3);
    }

    @ParameterizedTest
    @MethodSource("values")
    void eachValueIsReadAgain(RespValue value, String resp2, String resp3, RespValue inResp2)
            throws IOException {
        for (int step = 1; step < 30; step++) {
            assertThat(new ReplyReader(Trickle.inSteps(written(value, RespVersion.RESP3), step),
                    ReplyLimits.DEFAULT).read()).isEqualTo(value);
            assertThat(new ReplyReader(Trickle.inSteps(written(value, RespVersion.RESP2), step),
                    ReplyLimits.DEFAULT).read()).isEqualTo(inResp2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ERR 'a\r\n+OK' no", "ERR 'a\n+OKü' no", "\r", "\n\r\n"})
    void textCannotMakeASecondReply(String text) throws IOException {
        String safe = text.replace('\r', ' ').replace('\n', ' ');
        for (RespVersion version : RespVersion.values()) {
            assertThat(written(new ErrorReply(text), version)).asString(StandardCharsets.UTF_8)
                    .isEqualTo("-" + safe + "\r\n");
            assertThat(written(new SimpleString(text), version)).asString(StandardCharsets.UTF_8)
                    .isEqualTo("+" + safe + "\r\n");
        }
    }

    @Test
    void requestsAreArraysOfBulkStrings() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        RespWriter writer = new RespWriter(out);
        writer.writeRequest(List.of(Trickle.bytes("ECHO"), Trickle.bytes("\0\r\n")));
        assertThat(out.size()).as("nothing before the flush").isZero();
        writer.flush();
        assertThat(out.toString(StandardCharsets.ISO_8859_1))
                .isEqualTo("*2\r\n$4\r\nECHO\r\n$3\r\n\0\r\n\r\n");
    }

    /** Every size at which the buffer grows, is drained, or is passed by. */
    @Test
    void whatIsWrittenStaysInOrderAtEverySize() throws IOException {
        for (int size : new int[] {1, 200, 230, 255, 256, 257, 4095, 4096, 4097, 8192, 100_000}) {
            List<RespValue> values = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                values.add(new BulkString(new byte[size]));
                values.add(new SimpleString("x".repeat(size % 10_000)));
                values.add(new IntegerReply(i));
            }
            RespValue all = new ArrayReply(values);
            byte[] written = written(all, RespVersion.RESP3);
            assertThat(new ReplyReader(Trickle.of(written), ReplyLimits.DEFAULT).read()).isEqualTo(all);
        }
    }

    @Test
    void largeBulksAreNotCopied() throws IOException {
        byte[] large = new byte[1 << 20];
        List<byte[]> seen = new ArrayList<>();
        RespWriter writer = new RespWriter(new OutputStream() {
            @Override
            public void write(int b) {
                throw new AssertionError("byte by byte is slow on a socket");
            }

            @Override
            public void write(byte[] bytes, int from, int length) {
                seen.add(bytes);
            }
        });
        writer.write(new BulkString(large), RespVersion.RESP2);
        writer.flush();
        assertThat(seen).hasSize(3).element(1).isSameAs(large);
    }

    @Test
    void smallRepliesAllocateNothing() throws Exception {
        RespWriter writer = new RespWriter(OutputStream.nullOutputStream());
        RespValue pong = new SimpleString("PONG");
        RespValue number = new IntegerReply(-1234567);
        long allocated = 0;
        for (int round = 0; round < 2; round++) { // the first loads classes
            allocated = Allocations.bytesOf(() -> {
                for (int i = 0; i < 1000; i++) {
                    writer.write(pong, RespVersion.RESP2);
                    writer.write(number, RespVersion.RESP3);
                    writer.flush();
                }
            });
        }
        assertThat(allocated / 1000).isZero();
    }

    @Test
    void whatFailedIsNotSentTwice() throws IOException {
        List<Integer> lengths = new ArrayList<>();
        RespWriter writer = new RespWriter(new OutputStream() {
            @Override
            public void write(int b) {
                throw new AssertionError("byte by byte is slow on a socket");
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                lengths.add(length);
                throw new IOException("broken");
            }
        });
        writer.write(SimpleString.OK, RespVersion.RESP2);
        assertThatThrownBy(writer::flush).isInstanceOf(IOException.class);
        writer.flush();
        assertThat(lengths).containsExactly(5);
    }

    /** As one bulk string, in both versions, and as often as it is asked for: several clients may get one result. */
    @ParameterizedTest
    @EnumSource(RespVersion.class)
    void piecesAreOneString(RespVersion version) throws IOException {
        byte[] large = "x".repeat(50_000).getBytes(StandardCharsets.US_ASCII);
        RespValue pieces = new RespValue.BulkPieces(List.of(ByteBuffer.wrap(large), ByteBuffer.wrap(large, 0, 3),
                ByteBuffer.wrap(large), ByteBuffer.wrap(large), ByteBuffer.wrap(large, 7, 0)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        RespWriter writer = new RespWriter(out);
        for (int i = 0; i < 2; i++) {
            writer.write(ArrayReply.of(ONE, pieces, ONE), version);
        }
        writer.flush();
        assertThat(out.toString(StandardCharsets.US_ASCII))
                .isEqualTo(("*3\r\n:1\r\n$150003\r\n" + "x".repeat(150_003) + "\r\n:1\r\n").repeat(2));
    }
}
