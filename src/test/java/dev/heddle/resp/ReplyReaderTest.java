package dev.heddle.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.DoubleReply;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.MapReply;
import dev.heddle.resp.RespValue.Null;
import dev.heddle.resp.RespValue.SetReply;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.testing.Allocations;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyReaderTest {
    private static final RespValue ONE = new IntegerReply(1);
    private static final RespValue TWO = new IntegerReply(2);

    private static ReplyReader reader(String input) {
        return new ReplyReader(Trickle.of(input), ReplyLimits.DEFAULT);
    }

    /** Forms that RespWriter never emits; those that it does are in its test. */
    static List<Arguments> foreignForms() {
        return List.of(
                Arguments.of("*-1\r\n", Null.NULL),
                Arguments.of(":+1\r\n", ONE),
                Arguments.of("+\r\n", new SimpleString("")),
                Arguments.of(",+inf\r\n", new DoubleReply(Double.POSITIVE_INFINITY)),
                Arguments.of(",-1.25e-3\r\n", new DoubleReply(-0.00125)),
                Arguments.of("!22\r\nSYNTAX invalid\r\nsyntax\r\n",
                        new ErrorReply("SYNTAX invalid\r\nsyntax")),
                Arguments.of("|1\r\n+ttl\r\n:3600\r\n:1\r\n", ONE),
                Arguments.of("|1\r\n+a\r\n|1\r\n+b\r\n+c\r\n:9\r\n*2\r\n:1\r\n|1\r\n+d\r\n+e\r\n:2\r\n",
                        ArrayReply.of(ONE, TWO)),
                Arguments.of("$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;0\r\n", BulkString.of("Hello wor")),
                Arguments.of("$?\r\n;0\r\n", BulkString.of("")),
                Arguments.of("*?\r\n:1\r\n*?\r\n.\r\n:2\r\n.\r\n", ArrayReply.of(ONE, ArrayReply.of(), TWO)),
                Arguments.of("%?\r\n:1\r\n:2\r\n.\r\n", MapReply.of(Map.of(ONE, TWO))),
                Arguments.of("~?\r\n:1\r\n.\r\n", new SetReply(List.of(ONE))));
    }

    @ParameterizedTest
    @MethodSource("foreignForms")
    void readsWhatOtherServersSend(String input, RespValue expected) throws IOException {
        byte[] bytes = Trickle.bytes(input + "+next\r\n");
        for (int step = 1; step <= bytes.length; step++) {
            ReplyReader reader = new ReplyReader(Trickle.inSteps(bytes, step), ReplyLimits.DEFAULT);
            assertThat(reader.read()).isEqualTo(expected);
            assertThat(reader.read()).isEqualTo(new SimpleString("next"));
        }
    }

    @ParameterizedTest
    @MethodSource("foreignForms")
    void everyCutIsAnEnd(String input, RespValue expected) {
        byte[] bytes = Trickle.bytes(input);
        for (int length = 0; length < bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            assertThatThrownBy(new ReplyReader(Trickle.of(part), ReplyLimits.DEFAULT)::read)
                    .isInstanceOf(EOFException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "HTTP/1.1 400 Bad Request\r\n", "\r\n", "+OK\n", "\0\r\n", "?\r\n", ".\r\n", ";1\r\na\r\n", ":\r\n",
        ":1x\r\n",
        ":++1\r\n", ":+-1\r\n", ":9223372036854775808\r\n", "$-2\r\n", "$x\r\n", "$3\r\nabcd\r\n",
        "$3\r\nab\r\n\r\n", "*-2\r\n", "%-1\r\n", ">-1\r\n", "%9223372036854775807\r\n",
        "*9223372036854775807\r\n", "#x\r\n", "#\r\n", "#true\r\n", ",\r\n", ",1x\r\n", ",0x1p3\r\n",
        ",1f\r\n", ", 1\r\n", ",NaN\r\n",
        "(1.5\r\n", "(\r\n",
        "=3\r\ntxt\r\n", "=4\r\ntxtx\r\n", "=4\r\n\0xt:\r\n", "%?\r\n:1\r\n.\r\n", "*1\r\n.\r\n",
        "$?\r\n:1\r\n", "$?\r\n;-1\r\n", "|?\r\n:1\r\n.\r\n", "|-1\r\n"
    })
    void garbageIsToldClearly(String input) {
        assertThatThrownBy(reader(input)::read).isInstanceOf(ProtocolException.class)
                .message().isNotBlank().doesNotContain("\0", "\r", "\n");
    }

    @Test
    void limitsHold() throws IOException {
        ReplyLimits limits = new ReplyLimits(10, 20, 200, 2);
        for (String allowed : new String[] {"+123456789\r\n", "$20\r\n" + "x".repeat(20) + "\r\n",
            "*1\r\n*1\r\n:1\r\n", "*5\r\n" + ":1\r\n".repeat(5)}) {
            assertThat(new ReplyReader(Trickle.of(allowed), limits).read()).isNotNull();
        }
        for (String refused : new String[] {"+1234567890\r\n", "+1234567890", "$21\r\n", "*1\r\n*1\r\n*0\r\n",
            "*7\r\n", "%4\r\n", "*?\r\n" + ":1\r\n".repeat(6), "*5\r\n" + "+123456789\r\n".repeat(4) + "$1",
            "$?\r\n" + ";9\r\n123456789\r\n".repeat(3) + ";0\r\n", "|1\r\n:1\r\n:2\r\n".repeat(3),
            "|0\r\n".repeat(7) + ":1\r\n"}) {
            assertThatThrownBy(new ReplyReader(Trickle.of(refused + "\r\n"), limits)::read).as(refused)
                    .isInstanceOf(ProtocolException.class).message()
                    .containsAnyOf("longer than", "larger than", "nested deeper", "allowed are");
        }
    }

    @Test
    void announcementsCostNothing() throws Exception {
        for (String announcement : new String[] {"$100000000\r\n", "*4000000\r\n", "%4000000\r\n"}) {
            assertThat(Allocations.bytesOf(() -> assertThatThrownBy(reader(announcement)::read)
                    .isInstanceOf(EOFException.class))).isLessThan(1 << 20);
        }
    }

    @Test
    void nestingIsBounded() {
        assertThatThrownBy(reader("*1\r\n".repeat(100_000))::read).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(reader("|1\r\n".repeat(100_000))::read).isInstanceOf(ProtocolException.class);
    }

    @Test
    void pipelinedRepliesAreReadOneByOne() throws IOException {
        ReplyReader reader = reader("+OK\r\n:1\r\n");
        assertThat(reader.read()).isEqualTo(new SimpleString("OK"));
        assertThat(reader.read()).isEqualTo(new IntegerReply(1));
        assertThatThrownBy(reader::read).isInstanceOf(EOFException.class);
    }

    @Test
    void anErrorsCodeIsItsFirstWord() {
        assertThat(new ErrorReply("NOAUTH Authentication required.").code()).isEqualTo("NOAUTH");
        assertThat(new ErrorReply("BUSY").code()).isEqualTo("BUSY");
    }

    @Test
    void givesStringsOfPushesToStreams() throws IOException {
        String large = "x".repeat(300_000);
        byte[] bytes = Trickle.bytes(">3\r\n+out\r\n$2\r\nid\r\n$300000\r\n" + large + "\r\n>1\r\n$3\r\nend\r\n"
                + ">3\r\n+out\r\n$2\r\nid\r\n$0\r\n\r\n>3\r\n+out\r\n$2\r\nid\r\n*1\r\n$4\r\nkept\r\n*1\r\n$4\r\nkept\r\n");
        for (int step : new int[] {7, 4096, 65_536, bytes.length}) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Diversion third = before -> before.size() == 2 ? out : null;
            ReplyReader reader = new ReplyReader(Trickle.inSteps(bytes, step), ReplyLimits.DEFAULT);
            RespValue push = RespValue.Push.of(new SimpleString("out"), BulkString.of("id"), BulkString.of(""));
            assertThat(reader.read(third)).isEqualTo(push);
            assertThat(out.toString()).isEqualTo(large);
            assertThat(reader.read(third)).isEqualTo(RespValue.Push.of(BulkString.of("end")));
            assertThat(reader.read(third)).as("an empty one").isEqualTo(push);
            assertThat(reader.read(third)).as("an aggregate is none").isEqualTo(RespValue.Push.of(
                    new SimpleString("out"), BulkString.of("id"), ArrayReply.of(BulkString.of("kept"))));
            assertThat(reader.read(third)).as("no push").isEqualTo(ArrayReply.of(BulkString.of("kept")));
            assertThat(out.size()).isEqualTo(300_000);
        }
    }

    @Test
    void aDivertedStringKeepsToTheLimitsToo() {
        ReplyReader reader = new ReplyReader(Trickle.of(">1\r\n$101\r\n"), new ReplyLimits(64, 100, 1000, 1));
        assertThatThrownBy(() -> reader.read(before -> OutputStream.nullOutputStream()))
                .isInstanceOf(ProtocolException.class).hasMessageContaining("101 bytes");
    }

    @Test
    void canWaitAgainAfterATimeout() throws IOException {
        InputStream late = new InputStream() {
            private boolean again;

            @Override
            public int read() {
                throw new AssertionError("byte by byte");
            }

            @Override
            public int read(byte[] target, int from, int length) throws IOException {
                if (!again) {
                    again = true;
                    throw new SocketTimeoutException("nothing yet");
                }
                byte[] reply = Trickle.bytes(":1\r\n");
                System.arraycopy(reply, 0, target, from, reply.length);
                return reply.length;
            }
        };
        ReplyReader reader = new ReplyReader(late, ReplyLimits.DEFAULT);
        assertThatThrownBy(reader::await).isInstanceOf(SocketTimeoutException.class);
        reader.await();
        assertThat(reader.read()).isEqualTo(ONE);
    }
}
