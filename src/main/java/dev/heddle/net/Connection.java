package dev.heddle.net;

import dev.heddle.time.Deadline;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two threads of a connection and how they end together, whatever the protocol: the client's own thread
 * reads, and so it is the one that sees the client leave; what may take long runs on the {@link RequestWorker}.
 */
public final class Connection {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final long DISCARDED_BYTES = 64L << 20;
    private static final Duration LINGER = Duration.ofSeconds(1);
    /** How long a finishing conversation waits for its command: whoever stops the server sets the bound. */
    private static final Duration UNBOUNDED = Duration.ofDays(365);

    /** Reads a client's requests until the client ends its side or the protocol ends the connection. */
    public interface Input {
        void readAll() throws IOException, InterruptedException;
    }

    private final ClientSocket socket;
    private final RequestWorker lane;
    private final RequestWorker.Flush flush;
    private final Duration hangupGrace;
    private final CountDownLatch inputEnded = new CountDownLatch(1);
    private volatile boolean finishing; // set by finish, before it ends the input
    private boolean laneUsed; // the reading thread's: before that it need not ask whether the lane is idle

    /**
     * A conversation that has not begun.
     *
     * @param name        of the lane's thread
     * @param flush       sends what the protocol has buffered
     * @param hangupGrace how long a command may go on once the client has closed its side
     */
    public Connection(String name, ClientSocket socket, LaneStarts laneStarts, RequestWorker.Flush flush,
                        Duration hangupGrace) {
        this.socket = socket;
        this.flush = flush;
        this.hangupGrace = hangupGrace;
        lane = new RequestWorker(name, laneStarts, flush, this::abort);
    }

    /** Runs on the client's own thread until the client is gone and the lane has ended. */
    public void run(Input input) {
        try {
            input.readAll();
            inputEnded.countDown();
            hangUp();
        } catch (IOException e) {
            if (!socket.isClosed()) {
                LOG.debug("{} has gone: {}", socket.peer(), e.getMessage());
            }
            abort(); // a reset, or closed on this side: in both cases nobody waits for an answer
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abort();
        } catch (RuntimeException | Error e) {
            abort();
            throw e;
        } finally {
            end();
        }
    }

    /**
     * The input has ended: a half-close, and then the client waits for its answers, or a dead client. Both look
     * the same, so what is not finished within the grace is ended.
     */
    private void hangUp() throws IOException, InterruptedException {
        flushWhileIdle();
        if (!lane.awaitIdle(finishing ? UNBOUNDED : hangupGrace)) {
            LOG.debug("{} has hung up: its command is ended", socket.peer());
            abort();
        } else {
            socket.shutdownOutput(); // with TLS a plain close would look as if replies had been cut off
        }
    }

    /**
     * Waits until all is answered, but not for longer than a command may go on once its client has closed its side.
     * For the reading thread, which takes no input meanwhile.
     */
    public boolean awaitIdle() throws InterruptedException {
        return lane.awaitIdle(hangupGrace);
    }

    private void end() {
        inputEnded.countDown();
        try {
            lane.close();
            lane.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the reading thread may execute and write itself, because the lane has nothing to do. */
    public boolean isIdle() {
        return !laneUsed || lane.isIdle();
    }

    /** Whether something is executed for the client; from any thread. */
    public boolean isBusy() {
        return !lane.isIdle();
    }

    /** For the reading thread, before it blocks: everything that it has answered must be on its way. */
    public void flushWhileIdle() throws IOException {
        if (isIdle()) {
            flush.run();
        }
    }

    /** Hands a task to the lane. For the reading thread; blocks while the lane has too much to do. */
    public void submit(RequestWorker.Task task) throws IOException, InterruptedException {
        boolean submitted = false;
        try {
            flushWhileIdle(); // the lane may take long
            laneUsed = true;
            lane.submit(task);
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
     * The lane's last task. To close a socket with unread input would make the kernel send a reset, which
     * destroys the reply on its way; so the reader goes on taking input for a bounded time.
     */
    private void closeAfterReply() throws IOException, InterruptedException {
        flush.run();
        socket.shutdownOutput();
        Deadline.in(LINGER).await(inputEnded);
        socket.close();
    }

    /** Lets the reading thread find the end of its input; from any thread. */
    public void endInput() {
        socket.shutdownInput();
    }

    /** See {@link ClientSession#finish()}. The reading thread sees the end of its input and does the rest. */
    public void finish() {
        finishing = true;
        socket.shutdownInput();
    }

    /** Finishes a client that has to be heard before it can be answered: its input ends when all is answered. */
    public void finishWhenIdle() {
        finishWhenIdle(() -> true);
    }

    /**
     * Finishes a client that may come back: its input ends as soon as all is answered and it may go, which is
     * looked at each time that all is answered.
     *
     * @param mayGo must not block
     */
    public void finishWhenIdle(BooleanSupplier mayGo) {
        finishing = true;
        lane.onIdle(() -> {
            if (mayGo.getAsBoolean()) {
                socket.shutdownInput();
            }
        });
    }

    /** Whether the server wants the client gone: then new requests are not to be taken. */
    public boolean isFinishing() {
        return finishing;
    }

    /** See {@link ClientSession#cancel()}. */
    public void cancel() {
        finish();
        lane.cancel();
    }

    /** See {@link ClientSession#abort()}. In this order: a command that ends at once would be answered. */
    public void abort() {
        try {
            socket.close();
        } finally {
            lane.abort();
        }
    }
}
