package dev.heddle.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.ReplyLimits;
import dev.heddle.resp.ReplyReader;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The other end of one client's connection, played by the test: for what a Heddle server seldom or never does. */
final class ScriptedServer implements AutoCloseable {
    static final String DONE = "*5\r\n$6\r\nexited\r\n:0\r\n$0\r\n\r\n$0\r\n\r\n*7\r\n:9\r\n_\r\n_\r\n_\r\n:0\r\n:0\r\n:0\r\n";

    private final ServerSocket listener;
    private Socket socket;
    private ReplyReader requests;

    ScriptedServer() throws IOException {
        listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    /** Connects a client and is its server from now on. */
    HeddleClient connect() throws IOException {
        HeddleClient client = HeddleClient.connect("127.0.0.1", listener.getLocalPort(), Duration.ofSeconds(10));
        socket = listener.accept();
        socket.setSoTimeout(20_000);
        requests = new ReplyReader(socket.getInputStream(), ReplyLimits.DEFAULT);
        return client;
    }

    /** The next request, its words joined with blanks. */
    String request() throws IOException {
        StringBuilder words = new StringBuilder();
        for (RespValue word : ((ArrayReply) requests.read()).values()) {
            words.append(words.isEmpty() ? "" : " ").append(((BulkString) word).text());
        }
        return words.toString();
    }

    ScriptedServer expect(String request) throws IOException {
        assertThat(request()).isEqualTo(request);
        return this;
    }

    ScriptedServer say(String resp) throws IOException {
        socket.getOutputStream().write(resp.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    ScriptedServer push(String... words) throws IOException {
        StringBuilder push = new StringBuilder(">" + (words.length + 1) + "\r\n$6\r\nheddle\r\n");
        for (String word : words) {
            push.append(word.matches("[0-9]+") ? ":" + word + "\r\n"
                    : "$" + word.length() + "\r\n" + word + "\r\n");
        }
        return say(push.toString());
    }

    /** Answers the beginning of a stream. */
    ScriptedServer start(String request, int window) throws IOException {
        return expect("HELLO 3").say("%0\r\n").expect(request).push("started", "cmd-1", Integer.toString(window));
    }

    /** Whether the client has sent nothing for this long; only what must never come is awaited so. */
    boolean isSilent(Duration time) throws IOException {
        socket.setSoTimeout((int) time.toMillis());
        try {
            requests.await();
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        } finally {
            socket.setSoTimeout(20_000);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        if (socket != null) {
            socket.close();
        }
    }
}
