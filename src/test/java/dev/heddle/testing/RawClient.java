package dev.heddle.testing;

import dev.heddle.resp.ReplyLimits;
import dev.heddle.resp.ReplyReader;
import dev.heddle.resp.RespValue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** A socket to a server, and bytes as the test writes them. Every read has a deadline. */
public final class RawClient implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final Socket socket;
    private final ReplyReader replies;

    public RawClient(int port) throws IOException {
        this(new Socket("127.0.0.1", port));
    }

    /** Over whatever the socket speaks. */
    public RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout((int) DEADLINE.toMillis());
        replies = new ReplyReader(socket.getInputStream(), ReplyLimits.DEFAULT);
    }

    public Socket socket() {
        return socket;
    }

    /** Sends the text as it is, in UTF-8. */
    public RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    public RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Sends the words as an array of bulk strings. */
    public RawClient request(String... words) throws IOException {
        byte[][] bytes = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            bytes[i] = words[i].getBytes(StandardCharsets.UTF_8);
        }
        return request(bytes);
    }

    public RawClient request(byte[]... words) throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(("*" + words.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (byte[] word : words) {
            request.writeBytes(("$" + word.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
            request.writeBytes(word);
            request.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        return send(request.toByteArray());
    }

    public RespValue read() throws IOException {
        return replies.read();
    }

    public RespValue call(String... words) throws IOException {
        return request(words).read();
    }

    /** The reply to RUN or SH with these words. */
    public Reply run(String... words) throws IOException {
        return Reply.of(call(words));
    }

    /** So many raw bytes as text. Not to be mixed with {@link #read}, which reads ahead. */
    public String readText(int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
    }

    /** All raw bytes up to the end of the connection, as text. */
    public String readToEnd() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    public RawClient halfClose() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Leaves with a reset, as a crashed host does when it is back. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** The array of five that answers a command which ran. */
    public record Reply(String state, Long code, byte[] stdout, byte[] stderr, List<Long> usage) {
        public static Reply of(RespValue value) {
            if (value instanceof RespValue.ArrayReply(List<RespValue> parts) && parts.size() == 5) {
                return new Reply(((RespValue.BulkString) parts.get(0)).text(), number(parts.get(1)),
                        ((RespValue.BulkString) parts.get(2)).bytes(),
                        ((RespValue.BulkString) parts.get(3)).bytes(),
                        ((RespValue.ArrayReply) parts.get(4)).values().stream().map(Reply::number).toList());
            }
            throw new AssertionError("not the reply of a command that ran: " + value);
        }

        private static Long number(RespValue value) {
            return value instanceof RespValue.IntegerReply(long number) ? Long.valueOf(number) : null;
        }

        public String out() {
            return new String(stdout, StandardCharsets.UTF_8);
        }

        public String err() {
            return new String(stderr, StandardCharsets.UTF_8);
        }
    }
}
