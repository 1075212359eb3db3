package dev.heddle.face.resp;

import dev.heddle.memory.ChunkPool;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.Connection;
import dev.heddle.net.Dismissal;
import dev.heddle.net.RareWarning;
import dev.heddle.net.StopStep;
import dev.heddle.resp.CrossProtocolException;
import dev.heddle.resp.ProtocolException;
import dev.heddle.resp.Request;
import dev.heddle.resp.RequestBudget;
import dev.heddle.resp.RequestLimits;
import dev.heddle.resp.RequestReader;
import dev.heddle.time.Cancellation;

import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One RESP client from connect to disconnect: its own thread reads its requests and hands them to the
 * {@link Dispatcher}.
 */
final class RespSession implements ClientSession {
    private static final Logger LOG = LoggerFactory.getLogger(RespSession.class);
    private static final RareWarning STRANGE = new RareWarning(LOG);
    private static final Cancellation NEVER = new Cancellation(); // for what is over before anybody could cancel

    private final VerbExecutor executor;
    private final ClientState client;
    private final ClientSocket socket;
    private final RequestReader reader;
    private final Subscriptions subscriptions;
    private final Connection connection;
    private final Dispatcher dispatcher;
    private final RequestLimits limits;
    private final AtomicReference<Dismissal> dismissal = new AtomicReference<>(); // the reader sends its words
    private MemoryBudget budgetOf; // this and the next: of the reading thread, once there is one
    private RequestBudget budget;
    private volatile boolean leavesJobs; // the thread that stops the server sets it: the client may follow no jobs

    RespSession(ClientState client, ClientSocket socket, VerbExecutor executor, ThreadFactory threads,
                RespSettings settings) {
        this.executor = executor;
        this.client = client;
        this.socket = socket;
        ReplyWriter replies = new ReplyWriter(socket.output()::write);
        subscriptions = new Subscriptions(client, replies, threads);
        connection = new Connection(client.id(), socket, threads, replies::flush, settings.hangupGrace());
        dispatcher = new Dispatcher(executor, new Call(client, replies, NEVER, Optional.empty(), subscriptions), socket,
                connection);
        limits = RequestLimits.authenticated(settings.maxRequestBytes());
        reader = new RequestReader(socket.input(), limitsNow(), budgetNow(), this::beforeRead);
    }

    private void beforeRead() throws IOException {
        socket.activity().reads(reader.insideRequest());
        connection.flushWhileIdle();
    }

    private RequestLimits limitsNow() {
        return client.authenticated() ? limits : RequestLimits.UNAUTHENTICATED;
    }

    /** The budget of the client's present user; a request gives back to the budget from which it has taken. */
    private RequestBudget budgetNow() {
        MemoryBudget share = client.share();
        if (share != budgetOf) {
            budgetOf = share;
            budget = budget(share);
        }
        return budget;
    }

    private RequestBudget budget(MemoryBudget share) {
        return new RequestBudget() {
            @Override
            public boolean reserve(long bytes) {
                return share.tryReserve(bytes);
            }

            @Override
            public void release(long bytes) {
                share.release(bytes);
            }

            @Override
            public int freeBytes() {
                return RequestBudget.super.freeBytes() + dispatcher.windowBytes();
            }

            @Override
            public int chunkBytes() {
                return ChunkPool.CHUNK_BYTES;
            }

            @Override
            public byte[] takeChunk() {
                return ChunkPool.take();
            }

            @Override
            public void giveBack(byte[] piece) {
                ChunkPool.give(piece);
            }
        };
    }

    ClientState client() {
        return client;
    }

    @Override
    public void run() throws IOException, InterruptedException {
        try (connection) {
            readRequests();
            connection.hangUp();
        } finally {
            subscriptions.clear();
        }
    }

    private void readRequests() throws IOException, InterruptedException {
        try {
            executor.arrive(client);
            Request request = next();
            while (request != null && dispatcher.dispatch(request)) {
                request = next();
            }
            endOfInput();
        } catch (EOFException e) {
            LOG.debug("{} left in the middle of a request", socket.peer());
            endOfInput();
        } catch (CrossProtocolException e) {
            STRANGE.give(socket.peer(), e.getMessage());
            abort();
        } catch (ProtocolException e) {
            LOG.info("{}: {}", socket.peer(), e.getMessage());
            dispatcher.endWith(e.errorReply());
        }
    }

    /** Null when there is no further request, or none that is to be executed. */
    private Request next() throws IOException {
        reader.limits(limitsNow(), budgetNow());
        Request request = reader.read();
        socket.activity().requestCame();
        if (request != null && dismissal.get() != null) {
            request.close();
            return null;
        }
        return request;
    }

    /**
     * Tells the client if its input has ended because it was too slow. A stop waits for what runs, but not for a stream
     * whose stdin cannot be completed any more.
     */
    private void endOfInput() throws IOException, InterruptedException {
        Dismissal why = dismissal.get();
        if (why != null) {
            dispatcher.endWith(ErrorTexts.of(why));
        } else if (connection.isFinishing()) {
            dispatcher.cutInput();
        } else {
            dispatcher.hangUp();
        }
    }

    @Override
    public void end(StopStep step) {
        client.leaves();
        switch (step) {
            case DRAIN -> {
                subscriptions.onEnd(this::finishWhenIdle);
                finishWhenIdle();
            }
            case FINISH -> finish();
            case CANCEL_UNLESS_FOLLOWING -> {
                if (!followsJobs()) {
                    connection.cancel();
                }
            }
            case CANCEL -> connection.cancel();
            case ABORT -> connection.abort();
        }
    }

    private void finishWhenIdle() {
        connection.finishWhenIdle(() -> leavesJobs || !followsJobs());
    }

    private boolean followsJobs() {
        return client.followsJobs() || subscriptions.listens();
    }

    /** Disconnects the client once its requests are answered, whatever jobs it follows. */
    void finish() {
        client.leaves();
        leavesJobs = true;
        finishWhenIdle();
    }

    /** Disconnects the client at once and ends what runs for it. */
    void abort() {
        end(StopStep.ABORT);
    }

    /** Does so to a client whose user or token is no longer valid. */
    void abortIfRevoked() {
        if (client.isRevoked()) {
            abort();
        }
    }

    @Override
    public boolean isBusy() {
        return connection.isBusy() || client.channels() > 0;
    }

    /** The reading thread, which waits for input, finds its end instead and says the rest. */
    @Override
    public void dismiss(Dismissal why) {
        if (dismissal.compareAndSet(null, why)) {
            connection.endInput();
        }
    }
}
