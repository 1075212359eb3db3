package dev.heddle.resp;

import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.Null;
import dev.heddle.resp.RespValue.SimpleString;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What do the reader and the writer cost alone, in time and, with {@code -prof gc}, in memory? */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(value = 1, jvmArgsAppend = {"--enable-preview", "--enable-native-access=ALL-UNNAMED"})
public class RespBenchmark {
    private static final String PING = "*1\r\n$4\r\nPING\r\n";
    private static final String RUN = "*3\r\n$3\r\nRUN\r\n$2\r\n--\r\n$9\r\n/bin/true\r\n";
    private static final SimpleString PONG = new SimpleString("PONG");
    private static final RespValue RESULT = new ArrayReply(List.of(bulk("exited"), new IntegerReply(0),
            bulk("Linux\n"), bulk(""), new ArrayReply(List.of(new IntegerReply(1_234), new IntegerReply(567),
                    new IntegerReply(890), Null.NULL, new IntegerReply(6), new IntegerReply(0),
                    new IntegerReply(0)))));

    private RequestReader pings;
    private RequestReader runs;
    private ReplyReader results;
    private Counter written;
    private RespWriter writer;
    private long resultBytes;

    @Setup(Level.Trial)
    public void start() throws IOException {
        pings = reader(PING);
        runs = reader(RUN);
        written = new Counter();
        writer = new RespWriter(written);
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        RespWriter once = new RespWriter(result);
        once.write(RESULT, RespVersion.RESP2);
        once.flush();
        resultBytes = result.size();
        results = new ReplyReader(new Repeating(result.toByteArray()), ReplyLimits.DEFAULT);
    }

    private static RequestReader reader(String request) {
        return new RequestReader(new Repeating(request.getBytes(StandardCharsets.US_ASCII)),
                RequestLimits.authenticated(64 << 20), RequestBudget.UNLIMITED, BeforeFill.NOTHING);
    }

    private static BulkString bulk(String text) {
        return new BulkString(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Benchmark
    public Request readPing() throws IOException {
        return read(pings, 1);
    }

    @Benchmark
    public Request readRun() throws IOException {
        return read(runs, 3);
    }

    private static Request read(RequestReader reader, int words) throws IOException {
        Request request = reader.read();
        if (request.words().size() != words) {
            throw new IllegalStateException(request.words().size() + " words");
        }
        request.close();
        return request;
    }

    @Benchmark
    public void writePong() throws IOException {
        write(PONG, 7);
    }

    @Benchmark
    public void writeResult() throws IOException {
        write(RESULT, resultBytes);
    }

    private void write(RespValue value, long bytes) throws IOException {
        long before = written.bytes;
        writer.write(value, RespVersion.RESP2);
        writer.flush();
        if (written.bytes - before != bytes) {
            throw new IllegalStateException(written.bytes - before + " bytes");
        }
    }

    @Benchmark
    public RespValue readResult() throws IOException {
        RespValue value = results.read();
        if (!(value instanceof ArrayReply(List<RespValue> values) && values.size() == 5)) {
            throw new IllegalStateException("no result");
        }
        return value;
    }

    /** The same message again and again, a read bringing one, as from a client that waits for its replies. */
    private static final class Repeating extends InputStream {
        private final byte[] message;
        private int position;

        Repeating(byte[] message) {
            this.message = message;
        }

        @Override
        public int read() {
            byte next = message[position];
            position = (position + 1) % message.length;
            return next & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            int count = Math.min(length, message.length - position);
            System.arraycopy(message, position, bytes, offset, count);
            position = (position + count) % message.length;
            return count;
        }
    }

    private static final class Counter extends OutputStream {
        private long bytes;

        @Override
        public void write(int b) {
            bytes++;
        }

        @Override
        public void write(byte[] b, int offset, int length) {
            bytes += length;
        }
    }
}
