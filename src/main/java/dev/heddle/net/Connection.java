package dev.heddle.net;

import dev.heddle.time.Deadline;

import java.io.Flushable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two threads of a connection and how they end together. The client's own thread reads, and so it is the one that
 * sees the client leave; requests that may take long run on the {@link RequestWorker}.
 *
 * <p><b>Threading:</b> the reading thread submits tasks, ends with {@link #hangUp} when the input has ended, and closes
 * the connection in any case. Any thread may finish, cancel or abort it.
 */
public final class Connection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final long DISCARDED_BYTES = 64L << 20;
    private static final Duration LINGER = Duration.ofSeconds(1);
    /** How long a finishing connection waits for its command: the stop of the server sets the bound. */
    private static final Duration UNBOUNDED = Duration.ofDays(365);

    private final ClientSocket socket;
    private final RequestWorker worker;
    private final Flushable replies;
    private final Duration hangupGrace;
    private final CountDownLatch inputEnded = new CountDownLatch(1);
    private volatile boolean finishing; // set by finish, before it ends the input
    private boolean workerUsed; // of the reading thread, which asks no unused worker whether it is idle
    private boolean answered; // of the reading thread: everything was sent before the close

    /**
     * Makes a connection without a second thread.
     *
     * @param threads     makes that thread when the first request wants it
     * @param replies     may be buffered until they are flushed
     * @param hangupGrace how long a command may go on once the client has closed its side
     */
    public Connection(long number, ClientSocket socket, ThreadFactory threads, Flushable replies,
                      Duration hangupGrace) {
        this.socket = socket;
        this.replies = replies;
        this.hangupGrace = hangupGrace;
        worker = new RequestWorker("client-" + number + "-worker", threads, replies, this::abort);
    }

    /**
     * Waits for the replies that are still to come, once the input has ended. The client may have closed its side only,
     * or be dead, which looks alike: so what does not end within the grace is ended. For the reading thread.
     */
    public void hangUp() throws IOException, InterruptedException {
        inputEnded.countDown();
        flushWhileIdle();
        if (worker.awaitIdle(finishing ? UNBOUNDED : hangupGrace)) {
            socket.shutdownOutput(); // with TLS a plain close would look as if replies had been cut off
            answered = true;
        } else {
            LOG.debug("{} has hung up: its command is ended", socket.peer());
        }
    }

    /**
     * Waits until everything is answered, at most as long as a command may go on once its client has closed its side.
     * For the reading thread, which takes no input meanwhile.
     */
    public boolean awaitIdle() throws InterruptedException {
        return worker.awaitIdle(hangupGrace);
    }

    /** Ends what {@link #hangUp} has not waited for, and waits for the second thread. For the reading thread. */
    @Override
    public void close() {
        inputEnded.countDown();
        try {
            if (!answered) {
                abort(); // after a reset, or a close on this side, no answer is awaited
            }
            worker.close();
            worker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the reading thread may execute and write itself, because the worker has nothing to do. */
    public boolean isIdle() {
        return !workerUsed || worker.isIdle();
    }

    /** Whether something is executed for the client; from any thread. */
    public boolean isBusy() {
        return !worker.isIdle();
    }

    /** Sends what was answered. For the reading thread, before it blocks. */
    public void flushWhileIdle() throws IOException {
        if (isIdle()) {
            replies.flush();
        }
    }

    /** Hands a task to the worker. For the reading thread; blocks while the worker has too much to do. */
    public void submit(RequestWorker.Task task) throws IOException, InterruptedException {
        boolean submitted = false;
        try {
            flushWhileIdle(); // the worker may take long
            workerUsed = true;
            worker.submit(task);
            submitted = true;
        } finally {
            if (!submitted) {
                task.dropped();
            }
        }
    }

    /** Ends the connection once everything submitted is answered. For the reading thread, as its last act. */
    public void closeAfterReplies() throws IOException, InterruptedException {
        submit(this::closeAfterReply);
        socket.discardInput(DISCARDED_BYTES);
    }

    /**
     * Closes the socket, as the worker's last task. A close with unread input makes the kernel send a reset, which
     * destroys the reply on its way; so the reader goes on taking input for a bounded time.
     */
    private void closeAfterReply() throws IOException, InterruptedException {
        replies.flush();
        socket.shutdownOutput();
        Deadline.in(LINGER).await(inputEnded);
        socket.close();
    }

    /** Lets the reading thread find the end of its input; from any thread. */
    public void endInput() {
        socket.shutdownInput();
    }

    /** Ends the input for good: the reading thread then waits for the replies and closes; from any thread. */
    public void finish() {
        finishing = true;
        socket.shutdownInput();
    }

    /**
     * Finishes a client that may come back: its input ends as soon as everything is answered and it may go. Both are
     * looked at each time that the worker becomes idle.
     *
     * @param mayGo must not block
     */
    public void finishWhenIdle(BooleanSupplier mayGo) {
        finishing = true;
        worker.onIdle(() -> {
            if (mayGo.getAsBoolean()) {
                socket.shutdownInput();
            }
        });
    }

    /** Whether the server wants the client to go, so that new requests are not to be taken. */
    public boolean isFinishing() {
        return finishing;
    }

    /** Cancels the request under way, answers it, and ends the connection; from any thread. */
    public void cancel() {
        finish();
        worker.cancel();
    }

    /** Ends the connection at once, without an answer; from any thread. */
    public void abort() {
        try {
            socket.close(); // before the command is ended, or a command that ends at once would be answered
        } finally {
            worker.abort();
        }
    }
}
