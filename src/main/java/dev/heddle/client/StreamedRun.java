package dev.heddle.client;

import dev.heddle.resp.Diversion;
import dev.heddle.resp.ProtocolException;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.Push;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A command under way, whose output comes as it is printed. The caller that started it closes it. Memory does not grow
 * with the amount of data; a stream that is slow to take output slows the command down, as a pipe does.
 *
 * <p><b>Threading:</b> one thread calls {@link #await}; others may write stdin, send signals, and close meanwhile.
 */
public final class StreamedRun implements Closeable {
    private static final BulkString MARK = BulkString.of("heddle");

    private final ServerConnection connection;
    private final String id;
    private final RemoteInput stdin;
    private final ReentrantLock signalling = new ReentrantLock();
    private final Queue<CompletableFuture<Void>> signals = new ArrayDeque<>(); // guarded by signalling; unanswered
    private volatile boolean ended;

    private StreamedRun(ServerConnection connection, String id, long window) {
        this.connection = connection;
        this.id = id;
        stdin = new RemoteInput(connection, window);
    }

    /** Sends the request and waits for the command's start. */
    static StreamedRun start(ServerConnection connection, List<byte[]> words) throws IOException, ErrorReplyException {
        connection.requirePushes();
        connection.begin();
        try {
            connection.send(words);
            while (true) {
                switch (connection.next(Diversion.NONE)) {
                    case Push(List<RespValue> parts) when is(parts, "started", 4) -> {
                        return new StreamedRun(connection, ReplyStream.text(parts.get(2)),
                                ReplyStream.number(parts.get(3)));
                    }
                    case Push(List<RespValue> parts) when is(parts, "pong", 2) -> connection.pong();
                    case Push late -> { } // it answers a request of an earlier run
                    case ErrorReply error -> {
                        connection.end();
                        throw new ErrorReplyException(error);
                    }
                    case RespValue other -> throw ReplyStream.unexpected();
                }
            }
        } catch (IOException e) {
            connection.close();
            throw e;
        }
    }

    private static boolean is(List<RespValue> parts, String kind, int size) {
        return parts.size() >= size && parts.get(0).equals(MARK) && parts.get(1).equals(BulkString.of(kind));
    }

    /** Returns the server's ID of the command, which its logs show. */
    public String id() {
        return id;
    }

    /**
     * Returns the command's stdin, open unless the request brought its own. Writing blocks while the command does not
     * read; an interrupt ends that with an {@link java.io.InterruptedIOException}, and the interrupt status stays set.
     * It throws an {@link IOException} when the command has closed its stdin, or has ended. Closing the stream ends the
     * command's input.
     *
     * <p><b>Threading:</b> one thread at a time writes, while another one is in {@link #await}, which takes in the
     * server's credit.
     */
    public OutputStream stdin() {
        return stdin;
    }

    /**
     * Writes a stream to stdin and then closes stdin, on a daemon thread of its own. When reading the stream fails, the
     * command is ended and {@link #await} throws that exception. The thread ends with the command, or with its next
     * read after that; the stream is not closed.
     */
    public void feed(InputStream in) {
        Thread.ofPlatform().daemon().name("heddle-stdin-" + id).start(() -> {
            try {
                stdin.pump(in);
            } catch (IOException e) {
                giveUp(e);
            }
        });
    }

    /** Closes the connection, by which the thread in {@link #await} learns of the failure. */
    private void giveUp(IOException e) {
        try {
            close();
        } catch (IOException closing) {
            e.addSuppressed(closing);
        }
    }

    /**
     * Sends a signal to the command's whole process group; from any thread.
     *
     * @param name such as {@code INT}, or a number
     * @return done when the server has sent the signal, for which a thread must be in {@link #await}; may be ignored.
     *         Fails with an {@link ErrorReplyException} when there is no such signal, or, with the code
     *         {@code NOTPERMITTED}, when the server may not signal some or all of the processes; with an
     *         {@link IOException} when the command ended before, or the connection broke
     */
    public Future<Void> signal(String name) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        signalling.lock(); // held while sending: answers come in the order of the requests
        try {
            if (ended) {
                answer.completeExceptionally(hasEnded());
            } else {
                signals.add(answer);
                connection.send(RequestWords.of("SIGNAL", name));
            }
        } catch (IOException e) {
            answer.completeExceptionally(e);
        } finally {
            signalling.unlock();
        }
        return answer;
    }

    private static IOException hasEnded() {
        return new IOException("the command has ended");
    }

    /**
     * Writes the output to these streams as it comes, flushed each time, until the command has ended and all output is
     * there. Call it once.
     *
     * <p>The command may be silent for any time: after each read time-out without a word the server is asked for a sign
     * of life. {@link #close} from another thread ends the call with an {@link IOException}; so does an interrupt,
     * which leaves the interrupt status set.
     *
     * @throws IOException when the connection broke, or as one of the streams, or the one given to {@link #feed},
     *         throws it. The connection is closed then, and the server ends the command
     */
    public Completion await(OutputStream stdout, OutputStream stderr) throws IOException {
        Diversion diversion = before ->
                before.size() != 3 ? null : is(before, "out", 3) ? stdout : is(before, "err", 3) ? stderr : null;
        try {
            while (true) {
                switch (connection.next(diversion)) {
                    case Push(List<RespValue> parts) when is(parts, "out", 4) -> stdout.flush();
                    case Push(List<RespValue> parts) when is(parts, "err", 4) -> stderr.flush();
                    case Push(List<RespValue> parts) -> take(parts);
                    case ErrorReply error -> throw new ProtocolException(error.text());
                    case RespValue reply -> {
                        Completion completion = ReplyStream.completion(reply).orElseThrow(ReplyStream::unexpected);
                        connection.end();
                        return completion;
                    }
                }
            }
        } catch (IOException e) {
            connection.close();
            throw stdin.failure() == null ? e : stdin.failure();
        } finally {
            end();
        }
    }

    private void take(List<RespValue> parts) throws IOException {
        if (is(parts, "window", 4)) {
            stdin.grant(ReplyStream.number(parts.get(3)));
        } else if (is(parts, "closed", 3)) {
            stdin.end();
        } else if (is(parts, "pong", 2)) {
            connection.pong();
        } else if (is(parts, "signaled", 4)) {
            answered().complete(null);
        } else if (is(parts, "error", 4)) {
            ErrorReply error = new ErrorReply(ReplyStream.text(parts.get(3)));
            answered().completeExceptionally(new ErrorReplyException(error));
        } // else a newer server sent it, or it answers a request of an earlier run
    }

    private CompletableFuture<Void> answered() throws ProtocolException {
        signalling.lock();
        try {
            if (signals.isEmpty()) {
                throw new ProtocolException("the server answers a signal that it was not sent");
            }
            return signals.remove();
        } finally {
            signalling.unlock();
        }
    }

    private void end() {
        stdin.end();
        signalling.lock();
        try {
            ended = true;
            signals.forEach(answer -> answer.completeExceptionally(hasEnded()));
            signals.clear();
        } finally {
            signalling.unlock();
        }
    }

    /** Breaks the connection off, which ends the command unless it has ended; from any thread. */
    @Override
    public void close() throws IOException {
        if (!ended) {
            connection.close();
        }
    }
}
