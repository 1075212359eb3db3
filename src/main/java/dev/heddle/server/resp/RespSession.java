package dev.heddle.server.resp;

import dev.heddle.exec.Cancellation;
import dev.heddle.exec.MemoryBudget;
import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.resp.CrossProtocolException;
import dev.heddle.resp.ProtocolException;
import dev.heddle.resp.Request;
import dev.heddle.resp.RequestBudget;
import dev.heddle.resp.RequestLimits;
import dev.heddle.resp.RequestReader;
import dev.heddle.resp.RespWriter;
import dev.heddle.server.resp.CommandTable.Entry;
import dev.heddle.server.resp.CommandTable.Kind;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One RESP client from connect to disconnect. Its own thread reads, and answers what takes no time; what may
 * take long goes to the {@link Lane}, so that this thread sees the client leave while a command runs.
 */
final class RespSession implements ClientSession {
    private static final Logger LOG = LoggerFactory.getLogger(RespSession.class);
    private static final long DISCARDED_BYTES = 64L << 20;
    private static final Duration LINGER = Duration.ofSeconds(1);
    /** How long a finishing session waits for its command: whoever stops the server sets the bound. */
    private static final Duration UNBOUNDED = Duration.ofDays(365);
    private static final Cancellation NEVER = new Cancellation(); // for what is over before anybody could cancel

    private final RespProtocol protocol;
    private final Client client;
    private final ClientSocket socket;
    private final RequestReader reader;
    private final RespWriter writer;
    private final Lane lane;
    private final CountDownLatch inputEnded = new CountDownLatch(1);
    private final RequestLimits limits;
    private volatile Cancellation running; // the lane sets it; abort cancels it
    private volatile boolean aborted; // set by abort; the lane starts nothing more
    private volatile boolean finishing; // set by finish; the reader takes nothing more
    private boolean laneUsed; // the reading thread's: before that it need not ask whether the lane is idle

    RespSession(RespProtocol protocol, Client client, ClientSocket socket) {
        this.protocol = protocol;
        this.client = client;
        this.socket = socket;
        limits = RequestLimits.authenticated(protocol.settings().maxRequestBytes());
        reader = new RequestReader(socket.input(), client.authenticated() ? limits : RequestLimits.UNAUTHENTICATED,
                budget(protocol.runner().budget()), this::flushWhileIdle);
        writer = new RespWriter(socket.output());
        lane = new Lane("client-" + client.id() + "-lane", protocol.threads(), writer::flush, this::abort);
    }

    private static RequestBudget budget(MemoryBudget budget) {
        return new RequestBudget() {
            @Override
            public boolean reserve(long bytes) {
                return budget.tryReserve(bytes);
            }

            @Override
            public void release(long bytes) {
                budget.release(bytes);
            }
        };
    }

    Client client() {
        return client;
    }

    @Override
    public void run() {
        try {
            readRequests();
            inputEnded.countDown();
            hangUp();
        } catch (CrossProtocolException e) {
            LOG.warn("{}: {}", socket.peer(), e.getMessage());
            abort();
        } catch (IOException e) {
            if (!socket.isClosed()) {
                LOG.debug("{} has gone: {}", socket.peer(), e.getMessage());
            }
            abort(); // a reset, or closed on this side: in both cases nobody waits for an answer
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abort();
        } finally {
            end();
        }
    }

    private void readRequests() throws IOException, InterruptedException {
        try {
            for (Request request = reader.read(); request != null && !finishing; request = reader.read()) {
                if (dispatch(request)) {
                    discardInput();
                    return;
                }
                reader.limits(client.authenticated() ? limits : RequestLimits.UNAUTHENTICATED);
            }
        } catch (EOFException e) {
            LOG.debug("{} left in the middle of a request", socket.peer());
        } catch (CrossProtocolException e) {
            throw e;
        } catch (ProtocolException e) {
            LOG.info("{}: {}", socket.peer(), e.getMessage());
            answerAndClose(call -> call.error(e.errorReply()));
        }
    }

    /** Executes a request here or hands it to the lane. True when it was the connection's last. */
    private boolean dispatch(Request request) throws IOException, InterruptedException {
        Entry entry = protocol.commands().find(request.words().get(0));
        RespCommand body = body(entry, request);
        if (entry != null && entry.kind() == Kind.LAST) {
            submit(request, body);
            lane.submit(this::closeAfterReply);
            return true;
        }
        boolean immediate = entry == null || entry.kind() != Kind.LONG || body != entry.body();
        if (immediate && (!laneUsed || lane.isIdle())) {
            try (request) {
                body.execute(new Call(client, request.words(), writer, NEVER));
            }
        } else {
            submit(request, body);
        }
        return false;
    }

    /** What to execute: the command itself, or the refusal. */
    private RespCommand body(Entry entry, Request request) {
        if (!client.authenticated() && (entry == null || entry.needsAuthentication())) {
            return CommandTable.refusing("NOAUTH Authentication required.");
        }
        if (entry == null) {
            return CommandTable.refusing(CommandTable.unknown(request.words()));
        }
        if (!entry.accepts(request.words().size())) {
            return CommandTable.refusing("ERR wrong number of arguments for '" + entry.name() + "' command");
        }
        client.executes(entry.name());
        return entry.body();
    }

    private void submit(Request request, RespCommand body) throws IOException, InterruptedException {
        flushWhileIdle(); // the lane may take long over it
        laneUsed = true;
        lane.submit(new Execution(request, body));
    }

    /** A request on the lane. The client's leaving cancels it. */
    private final class Execution implements Lane.Task {
        private final Request request;
        private final RespCommand body;

        Execution(Request request, RespCommand body) {
            this.request = request;
            this.body = body;
        }

        @Override
        public void run() throws IOException, InterruptedException {
            Cancellation cancellation = new Cancellation();
            running = cancellation;
            if (aborted) {
                cancellation.cancel();
            }
            try (request) {
                body.execute(new Call(client, request.words(), writer, cancellation));
            } finally {
                running = null;
            }
        }

        @Override
        public void dropped() {
            request.close();
        }
    }

    /** Before the reader blocks, everything that it has answered must be on its way. */
    private void flushWhileIdle() throws IOException {
        if (!laneUsed || lane.isIdle()) {
            writer.flush();
        }
    }

    /** For protocol errors: the answer comes after those to all requests before it, and then the end. */
    private void answerAndClose(RespCommand answer) throws IOException, InterruptedException {
        flushWhileIdle();
        laneUsed = true;
        lane.submit(() -> answer.execute(new Call(client, List.of(), writer, NEVER)));
        lane.submit(this::closeAfterReply);
        discardInput();
    }

    /**
     * The lane's last task. To close a socket with unread input would make the kernel send a reset, which
     * destroys the reply on its way; so the reader goes on taking input for a bounded time.
     */
    private void closeAfterReply() throws IOException, InterruptedException {
        writer.flush();
        socket.shutdownOutput();
        inputEnded.await(LINGER.toNanos(), TimeUnit.NANOSECONDS);
        socket.close();
    }

    private void discardInput() throws IOException {
        socket.discardInput(DISCARDED_BYTES);
    }

    /**
     * The input has ended: a half-close, and then the client waits for its answers, or a dead client. Both look
     * the same, so what is not finished within the grace is ended.
     */
    private void hangUp() throws IOException, InterruptedException {
        flushWhileIdle();
        if (!lane.awaitIdle(finishing ? UNBOUNDED : protocol.settings().hangupGrace())) {
            LOG.debug("{} has hung up: its command is ended", socket.peer());
            abort();
        }
    }

    @Override
    public void finish() {
        finishing = true;
        lane.whenIdle(socket::close);
    }

    @Override
    public void abort() {
        aborted = true;
        lane.close();
        Cancellation current = running;
        if (current != null) {
            current.cancel();
        }
        socket.close();
    }

    private void end() {
        inputEnded.countDown();
        try {
            lane.close();
            lane.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            protocol.closed(this);
        }
    }
}
