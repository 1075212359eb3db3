package dev.heddle.face.resp;

import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.Connection;
import dev.heddle.net.RareWarning;
import dev.heddle.resp.CrossProtocolException;
import dev.heddle.resp.ProtocolException;
import dev.heddle.resp.Request;
import dev.heddle.resp.RequestBudget;
import dev.heddle.resp.RequestLimits;
import dev.heddle.resp.RequestReader;
import dev.heddle.run.MemoryBudget;

import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One RESP client from connect to disconnect: its own thread reads its requests and hands them to the
 * {@link Dispatcher}. The server makes it and ends it.
 */
final class RespSession implements ClientSession {
    private static final Logger LOG = LoggerFactory.getLogger(RespSession.class);
    private static final RareWarning STRANGE = new RareWarning(LOG);

    private final RespProtocol protocol;
    private final ClientState client;
    private final ClientSocket socket;
    private final RequestReader reader;
    private final Subscriptions subscriptions;
    private final Connection conversation;
    private final Dispatcher dispatcher;
    private final RequestLimits limits;
    private MemoryBudget budgetOf; // this and the next: the reading thread's, once there is one
    private RequestBudget budget;
    private final AtomicReference<String> farewell = new AtomicReference<>(); // what expire says; the reader sends it

    private volatile boolean leavesJobs; // whoever stops the server sets it: the client may not follow them any more

    RespSession(RespProtocol protocol, ClientState client, ClientSocket socket) {
        this.protocol = protocol;
        this.client = client;
        this.socket = socket;
        ReplyWriter replies = new ReplyWriter(socket.output()::write);
        subscriptions = new Subscriptions(client, replies, protocol.threads());
        conversation = new Connection("client-" + client.id() + "-lane", socket, protocol.laneStarts(),
                replies::flush, protocol.settings().hangupGrace());
        dispatcher = new Dispatcher(protocol, client, socket, replies, subscriptions, conversation);
        limits = RequestLimits.authenticated(protocol.settings().maxRequestBytes());
        reader = new RequestReader(socket.input(), limitsNow(), budgetNow(), this::beforeRead);
    }

    private void beforeRead() throws IOException {
        socket.pace().reads(reader.insideRequest());
        conversation.flushWhileIdle();
    }

    private RequestLimits limitsNow() {
        return client.authenticated() ? limits : RequestLimits.UNAUTHENTICATED;
    }

    /** Of the user that the client is now; a request gives back to where it has taken. */
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
        };
    }

    ClientState client() {
        return client;
    }

    @Override
    public void run() {
        protocol.opened(this);
        try {
            conversation.run(this::readRequests);
        } finally {
            subscriptions.clear();
            protocol.closed(this);
        }
    }

    private void readRequests() throws IOException, InterruptedException {
        try {
            arrive();
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

    /** Whoever is somebody by what the transport proves is logged in now, before the first request. */
    private void arrive() {
        client.arrive();
        if (!protocol.settings().access().isOpen()) {
            client.login().ifPresent(login -> protocol.logins().loggedIn(login.user().name(), client.peer()));
        }
    }

    /** Null when there is none, or none that is to be executed. */
    private Request next() throws IOException {
        reader.limits(limitsNow(), budgetNow());
        Request request = reader.read();
        socket.pace().requestCame();
        if (request != null && farewell.get() != null) {
            request.close();
            return null;
        }
        return request;
    }

    /**
     * If the input has ended because the client was too slow, it is told so. A stop waits for what runs, but not for
     * a stream whose stdin nobody can complete any more.
     */
    private void endOfInput() throws IOException, InterruptedException {
        String error = farewell.get();
        if (error != null) {
            dispatcher.endWith(error);
        } else if (conversation.isFinishing()) {
            dispatcher.cutInput();
        }
    }

    @Override
    public void drain() {
        client.leaves();
        subscriptions.onEnd(this::finishWhenIdle);
        finishWhenIdle();
    }

    private void finishWhenIdle() {
        conversation.finishWhenIdle(() -> leavesJobs || !followsJobs());
    }

    @Override
    public boolean followsJobs() {
        return client.followedJobs().any() || subscriptions.listens();
    }

    @Override
    public void finish() {
        client.leaves();
        leavesJobs = true;
        finishWhenIdle();
    }

    @Override
    public void cancel() {
        client.leaves();
        conversation.cancel();
    }

    @Override
    public void abort() {
        client.leaves();
        conversation.abort();
    }

    @Override
    public boolean isBusy() {
        return conversation.isBusy() || subscriptions.any();
    }

    /** The reading thread, which waits for input, finds its end instead and says the rest. */
    @Override
    public void expire(String error) {
        if (farewell.compareAndSet(null, error)) {
            conversation.endInput();
        }
    }
}
