package dev.heddle.server.resp;

import dev.heddle.exec.Cancellation;
import dev.heddle.exec.MemoryBudget;
import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.Conversation;
import dev.heddle.net.Lane;
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
import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One RESP client from connect to disconnect. Its own thread reads, and answers what takes no time; what may
 * take long goes to the lane of the {@link Conversation}.
 */
final class RespSession implements ClientSession {
    private static final Logger LOG = LoggerFactory.getLogger(RespSession.class);
    private static final int QUEUED_OVERHEAD_BYTES = 256; // the objects around a request that waits
    private static final int WORD_OVERHEAD_BYTES = 24; // and around each of its words
    private static final Cancellation NEVER = new Cancellation(); // for what is over before anybody could cancel

    private final RespProtocol protocol;
    private final Client client;
    private final ClientSocket socket;
    private final RequestReader reader;
    private final RespWriter writer;
    private final Conversation conversation;
    private final RequestLimits limits;

    RespSession(RespProtocol protocol, Client client, ClientSocket socket) {
        this.protocol = protocol;
        this.client = client;
        this.socket = socket;
        writer = new RespWriter(socket.output());
        conversation = new Conversation("client-" + client.id() + "-lane", socket, protocol.threads(),
                writer::flush, protocol.settings().hangupGrace());
        limits = RequestLimits.authenticated(protocol.settings().maxRequestBytes());
        reader = new RequestReader(socket.input(), limitsNow(), budget(protocol.runner().budget()),
                conversation::flushWhileIdle);
    }

    private RequestLimits limitsNow() {
        return client.authenticated() ? limits : RequestLimits.UNAUTHENTICATED;
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
        protocol.opened(this);
        try {
            conversation.run(this::readRequests);
        } finally {
            protocol.closed(this);
        }
    }

    private void readRequests() throws IOException, InterruptedException {
        try {
            Request request = reader.read();
            while (request != null && dispatch(request)) {
                reader.limits(limitsNow());
                request = reader.read();
            }
        } catch (EOFException e) {
            LOG.debug("{} left in the middle of a request", socket.peer());
        } catch (CrossProtocolException e) {
            LOG.warn("{}: {}", socket.peer(), e.getMessage());
            abort();
        } catch (ProtocolException e) {
            LOG.info("{}: {}", socket.peer(), e.getMessage());
            conversation.submit(() -> new Call(client, List.of(), writer, NEVER).error(e.errorReply()));
            conversation.closeAfterReplies();
        }
    }

    /** Executes a request here or hands it to the lane. False when it was the connection's last. */
    private boolean dispatch(Request request) throws IOException, InterruptedException {
        Entry entry = protocol.commands().find(request.words().get(0));
        RespCommand body = body(entry, request);
        boolean last = entry != null && entry.kind() == Kind.LAST;
        boolean takesLong = entry != null && entry.kind() == Kind.LONG && body == entry.body();
        if (last || takesLong || !conversation.isIdle()) {
            conversation.submit(execution(request));
        } else {
            try (request) {
                body.execute(new Call(client, request.words(), writer, NEVER));
            }
        }
        if (last) {
            conversation.closeAfterReplies();
        }
        return !last;
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

    /** A request that has to wait counts against the memory budget, however small it is. */
    private Lane.Task execution(Request request) {
        MemoryBudget budget = protocol.runner().budget();
        long bytes = QUEUED_OVERHEAD_BYTES;
        for (byte[] word : request.words()) {
            bytes += word.length + WORD_OVERHEAD_BYTES;
        }
        if (budget.tryReserve(bytes)) {
            return new Execution(request, bytes);
        }
        request.close();
        return () -> new Call(client, List.of(), writer, NEVER).error(
                "BUSY the memory for requests is used up, try again later");
    }

    /** A request on the lane. The client's leaving cancels it. */
    private final class Execution implements Lane.Task {
        private final Request request;
        private final long bytes;
        private final Cancellation cancellation = new Cancellation();

        Execution(Request request, long bytes) {
            this.request = request;
            this.bytes = bytes;
        }

        @Override
        public void run() throws IOException, InterruptedException {
            try {
                Entry entry = protocol.commands().find(request.words().get(0));
                // Looked at again: a RESET before it may have logged the client out.
                body(entry, request).execute(new Call(client, request.words(), writer, cancellation));
            } finally {
                dropped();
            }
        }

        @Override
        public long bytes() {
            return bytes;
        }

        @Override
        public void cancel() {
            cancellation.cancel();
        }

        @Override
        public void dropped() {
            request.close();
            protocol.runner().budget().release(bytes);
        }
    }

    @Override
    public void finish() {
        conversation.finish();
    }

    @Override
    public void cancel() {
        conversation.cancel();
    }

    @Override
    public void abort() {
        conversation.abort();
    }
}
