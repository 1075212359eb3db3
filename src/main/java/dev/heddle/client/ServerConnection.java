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
 * Sends requests and reads replies and pushes, over one wire. Any failure closes the connection, because the beginning
 * of the next reply is unknown then.
 *
 * <p><b>Threading:</b> the thread that makes calls reads; any thread sends, under the lock; any thread closes.
 */
final class ServerConnection implements Closeable {
    /** The longest time-out of a wire, where 0 means none. */
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
                throw new ErrorReplyException(error);
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

    /** Switches the connection to RESP3, if needed, so that it takes pushes. */
    void requirePushes() throws IOException, ErrorReplyException {
        if (!resp3) {
            call(RequestWords.of("HELLO", "3"));
            resp3 = true;
        }
    }

    /** Marks the server as at work for this client until {@link #end}: no other call is accepted meanwhile. */
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
     * Waits for the next reply or push of a run that may be silent for any time. A server that has said nothing for the
     * read time-out is asked once for a sign of life.
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

    /** Counts the answer to a PING that a push brought. */
    void pong() {
        openPings--;
    }

    /**
     * Closes the connection so that the server ends a command under way at once; after a plain close the command has
     * its grace.
     */
    @Override
    public void close() throws IOException {
        if (busy && !wire.isClosed()) {
            wire.breakOff();
        } else {
            wire.close();
        }
    }
}
