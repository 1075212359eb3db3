package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a streaming command has sent until its reply, for one thread. */
final class Streamed {
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();
    final List<String> others = new ArrayList<>(); // kinds of the other pushes, in order
    long credit;
    Reply reply;

    /** Takes one value; false once the reply has come. */
    boolean take(RespValue value) {
        if (!(value instanceof Push(List<RespValue> parts))) {
            reply = Reply.of(value);
            return false;
        }
        assertThat(text(parts.get(0))).isEqualTo("heddle");
        switch (text(parts.get(1))) {
            case "out" -> out.writeBytes(((BulkString) parts.get(3)).bytes());
            case "err" -> err.writeBytes(((BulkString) parts.get(3)).bytes());
            case "started", "window" -> {
                credit += ((IntegerReply) parts.get(3)).value();
                others.add(text(parts.get(1)));
            }
            case String other -> others.add(other);
        }
        return true;
    }

    static String text(RespValue value) {
        return ((BulkString) value).text();
    }

    /** A client that speaks RESP3, as streams need it. */
    static RawClient connect(TestServer server) throws IOException {
        RawClient connected = server.connect();
        connected.call("HELLO", "3");
        return connected;
    }

    /** Reads up to the reply. */
    static Streamed readAll(RawClient client) throws IOException {
        Streamed streamed = new Streamed();
        while (streamed.take(client.read())) {
            // until the reply
        }
        return streamed;
    }

    /** The next push of this kind; passes over those before it. */
    static Push push(RawClient client, String kind) throws IOException {
        while (true) {
            Push push = (Push) client.read();
            if (text(push.values().get(1)).equals(kind)) {
                return push;
            }
        }
    }
}
