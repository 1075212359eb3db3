package dev.heddle.client;

import dev.heddle.resp.ProtocolException;
import dev.heddle.resp.ReplyLimits;
import dev.heddle.resp.ReplyReader;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespWriter;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * A connection to a server. One thread at a time may use it; any thread may close it, which ends a call under
 * way with an {@link IOException} and, on the server, its command.
 */
public final class HeddleClient implements Closeable {
    private final Socket socket;
    private final RespWriter writer;
    private final ReplyReader reader;

    private HeddleClient(Socket socket) throws IOException {
        this.socket = socket;
        writer = new RespWriter(socket.getOutputStream());
        reader = new ReplyReader(socket.getInputStream(), ReplyLimits.DEFAULT);
    }

    /**
     * Connects. Blocks, for each address of the name at most for the timeout.
     *
     * @throws IOException when the server cannot be reached
     */
    public static HeddleClient connect(String host, int port, Duration timeout) throws IOException {
        Socket socket = Connecting.open(host, port, timeout);
        try {
            return new HeddleClient(socket);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Logs in. A server without authentication takes any password.
     *
     * @throws RefusedException when the password is wrong
     */
    public void authenticate(String password) throws IOException, RefusedException {
        call(List.of(ascii("AUTH"), ascii("default"), password.getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Runs a command and waits for its end.
     *
     * @throws RefusedException when the server would not or could not start it
     * @throws IOException when the connection broke; whether the command ran is then unknown
     */
    public RunResult run(RunRequest request) throws IOException, RefusedException {
        return result(call(request.encode()));
    }

    private RespValue call(List<byte[]> words) throws IOException, RefusedException {
        writer.writeRequest(words);
        writer.flush();
        RespValue reply = reader.read();
        if (reply instanceof ErrorReply error) {
            throw new RefusedException(error.code(), error.text());
        }
        return reply;
    }

    private static RunResult result(RespValue reply) throws ProtocolException {
        if (reply instanceof ArrayReply(List<RespValue> parts) && parts.size() == 5
                && parts.get(0) instanceof BulkString state
                && parts.get(2) instanceof BulkString stdout
                && parts.get(3) instanceof BulkString stderr
                && parts.get(4) instanceof ArrayReply(List<RespValue> usage) && usage.size() >= 7) {
            return new RunResult(ending(state.text(), parts.get(1)), stdout.bytes(), stderr.bytes(),
                    Duration.ofNanos(number(usage.get(0)) * 1000), number(usage.get(6)));
        }
        throw new ProtocolException("not the reply of a Heddle server to RUN: " + reply);
    }

    private static RunResult.Ending ending(String state, RespValue code) throws ProtocolException {
        return switch (state) {
            case "exited" -> new RunResult.Ending.Exited((int) number(code));
            case "signaled" -> new RunResult.Ending.Signaled((int) number(code));
            case "timeout" -> new RunResult.Ending.TimedOut();
            case "cancelled" -> new RunResult.Ending.Cancelled();
            case String other -> throw new ProtocolException("unknown state of a command: " + other);
        };
    }

    private static long number(RespValue value) throws ProtocolException {
        if (value instanceof IntegerReply(long number)) {
            return number;
        }
        throw new ProtocolException("not a number: " + value);
    }

    /**
     * Breaks the connection off; from any thread. The server ends a command under way at once, where after a
     * plain close it would have its grace.
     */
    public void reset() {
        try {
            if (!socket.isClosed()) {
                socket.setSoLinger(true, 0);
            }
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException("breaking the connection off", e); // close(2) of a socket does not fail
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
