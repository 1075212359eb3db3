package dev.heddle.client;

import dev.heddle.resp.Diversion;
import dev.heddle.resp.ReplyLimits;
import dev.heddle.resp.ReplyReader;
import dev.heddle.resp.RequestFrame;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.resp.RespWriter;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Requests out, replies and pushes in, over one wire. The thread that calls reads; any thread sends, under
 * the lock; any thread closes. Whatever goes wrong closes it: nobody knows where the next reply would begin.
 */
final class ServerConnection implements Closeable {
    /** The longest time-out that a wire has; 0 there means none. */
    static final Duration FOR_EVER = Duration.ofMillis(Integer.MAX_VALUE);
    private static final RespValue PONG = new SimpleString("PONG");

    private final Wire wire;
    private final ReplyReader reader;
    private final OutputStream out;
    private final RespWriter writer; // guarded by writing
    private final ReentrantLock writing = new ReentrantLock();
    private int openPings; // of the calling thread: sent, and neither answered by a push nor skipped
    private boolean resp3; // of the calling thread
    private volatile Duration readTimeout;
    private volatile boolean busy; // the server is at work for a call

    /** Takes the wire over, and closes it in the end. */
    ServerConnection(Wire wire, Duration readTimeout) {
        this.wire = wire;
        this.readTimeout = readTimeout;
        reader = new ReplyReader(wire.input(), ReplyLimits.DEFAULT);
        out = wire.output();
        writer = new RespWriter(out);
    }

    boolean isOnThisMachine() {
        return wire.isOnThisMachine();
    }

    void readTimeout(Duration timeout) {
        readTimeout = timeout;
    }

    /**
     * Sends a request and waits for its reply.
     *
     * @param work how long the server was asked to take, on top of the read time-out
     * @throws ErrorReplyException when the reply is an error
     */
    RespValue call(List<byte[]> words, Duration work) throws IOException, ErrorReplyException {
        begin();
        try {
            timeout(plus(readTimeout, work));
            send(words);
            RespValue reply = reader.read();
            while (reply instanceof Push || isLatePong(reply)) { // they answer what an earlier run was sent too late
                reply = reader.read();
            }
            busy = false;
            if (reply instanceof ErrorReply error) {
                throw new ErrorReplyException(error.code(), error.text());
            }
            return reply;
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    RespValue call(List<byte[]> words) throws IOException, ErrorReplyException {
        return call(words, Duration.ZERO);
    }

    private boolean isLatePong(RespValue reply) {
        if (openPings > 0 && reply.equals(PONG)) {
            openPings--;
            return true;
        }
        return false;
    }

    private static Duration plus(Duration one, Duration other) {
        return one.isZero() || other.compareTo(FOR_EVER) >= 0 ? Duration.ZERO : one.plus(other);
    }

    private void timeout(Duration timeout) throws SocketException {
        wire.readTimeout((int) Math.min(timeout.toMillis(), Integer.MAX_VALUE));
    }

    /** Makes sure that this connection takes pushes. */
    void requirePushes() throws IOException, ErrorReplyException {
        if (!resp3) {
            call(RequestWords.of("HELLO", "3"));
            resp3 = true;
        }
    }

    /** From here to {@link #end} the server is at work for this client, and takes no other call of it. */
    void begin() throws SocketException {
        timeout(readTimeout); // throws when the connection is closed, whatever became of the call before
        if (busy) {
            throw new IllegalStateException("a command is under way on this connection");
        }
        busy = true;
    }

    void end() {
        busy = false;
    }

    void send(List<byte[]> words) throws IOException {
        writing.lock();
        try {
            writer.writeRequest(words);
            writer.flush();
        } finally {
            writing.unlock();
        }
    }

    void send(RequestFrame frame) throws IOException {
        writing.lock();
        try {
            frame.writeTo(out);
        } finally {
            writing.unlock();
        }
    }

    /**
     * Waits for the next reply or push of a run that may be silent for as long as it likes. A server that has
     * said nothing for the read time-out is asked for a sign of life, once.
     */
    RespValue next(Diversion diversion) throws IOException {
        RespValue message;
        do {
            try {
                reader.await();
            } catch (SocketTimeoutException silence) {
                openPings++;
                send(RequestWords.of("PING"));
                reader.await();
            }
            message = reader.read(diversion);
        } while (isLatePong(message));
        return message;
    }

    /** A push has answered a PING. */
    void pong() {
        openPings--;
    }

    /** Closes it; the server ends a command under way at once, where after a plain close it has its grace. */
    @Override
    public void close() throws IOException {
        if (busy && !wire.isClosed()) {
            wire.breakOff();
        } else {
            wire.close();
        }
    }
}
