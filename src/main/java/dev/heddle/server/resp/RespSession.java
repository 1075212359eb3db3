package dev.heddle.server.resp;

import dev.heddle.exec.Cancellation;
import dev.heddle.exec.MemoryBudget;
import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.Conversation;
import dev.heddle.net.Lane;
import dev.heddle.net.RareWarning;
import dev.heddle.resp.CrossProtocolException;
import dev.heddle.resp.ProtocolException;
import dev.heddle.resp.Request;
import dev.heddle.resp.RequestBudget;
import dev.heddle.resp.RequestLimits;
import dev.heddle.resp.RequestReader;
import dev.heddle.resp.RespVersion;
import dev.heddle.server.resp.CommandTable.Entry;
import dev.heddle.server.resp.CommandTable.Kind;

import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One RESP client from connect to disconnect. Its own thread reads, and answers what takes no time; what may
 * take long goes to the lane of the {@link Conversation}.
 */
final class RespSession implements ClientSession {
    private static final Logger LOG = LoggerFactory.getLogger(RespSession.class);
    private static final RareWarning STRANGE = new RareWarning(LOG);
    private static final int QUEUED_OVERHEAD_BYTES = 256; // the objects around a request that waits
    private static final int WORD_OVERHEAD_BYTES = 24; // and around each of its words
    private static final Set<String> WHILE_SUBSCRIBED = Set.of("subscribe", "unsubscribe", "ping", "quit", "reset");
    private static final Cancellation NEVER = new Cancellation(); // for what is over before anybody could cancel

    private final RespProtocol protocol;
    private final Client client;
    private final ClientSocket socket;
    private final RequestReader reader;
    private final Replies replies;
    private final Subscriptions subscriptions;
    private final Queue<CommandStream> streams = new ConcurrentLinkedQueue<>(); // the reader adds, the lane removes
    private final Conversation conversation;
    private final RequestLimits limits;
    private final AtomicReference<String> farewell = new AtomicReference<>(); // what expire says; the reader sends it

    RespSession(RespProtocol protocol, Client client, ClientSocket socket) {
        this.protocol = protocol;
        this.client = client;
        this.socket = socket;
        replies = new Replies(socket.output()::write);
        subscriptions = new Subscriptions(client, replies, protocol.threads());
        conversation = new Conversation("client-" + client.id() + "-lane", socket, protocol.threads(),
                replies::flush, protocol.settings().hangupGrace());
        limits = RequestLimits.authenticated(protocol.settings().maxRequestBytes());
        reader = new RequestReader(socket.input(), limitsNow(), budget(protocol.runner().budget()),
                this::beforeRead);
    }

    private void beforeRead() throws IOException {
        socket.pace().reads(reader.insideRequest());
        conversation.flushWhileIdle();
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
            subscriptions.clear();
            protocol.closed(this);
        }
    }

    private void readRequests() throws IOException, InterruptedException {
        try {
            arrive();
            Request request = next();
            while (request != null && dispatch(request)) {
                request = next();
            }
            sayFarewell();
        } catch (EOFException e) {
            LOG.debug("{} left in the middle of a request", socket.peer());
            sayFarewell();
        } catch (CrossProtocolException e) {
            STRANGE.give(socket.peer(), e.getMessage());
            abort();
        } catch (ProtocolException e) {
            LOG.info("{}: {}", socket.peer(), e.getMessage());
            conversation.submit(() -> call(List.of()).error(e.errorReply()));
            conversation.closeAfterReplies();
        } finally {
            streams.forEach(CommandStream::endInput);
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
        reader.limits(limitsNow());
        Request request = reader.read();
        socket.pace().requestCame();
        if (request != null && farewell.get() != null) {
            request.close();
            return null;
        }
        return request;
    }

    /** If the input has ended because the client was too slow, it is told so. */
    private void sayFarewell() throws IOException, InterruptedException {
        String error = farewell.get();
        if (error != null) {
            conversation.submit(() -> call(List.of()).error(error));
            conversation.closeAfterReplies();
        }
    }

    /** A call that nobody cancels, because it takes no time. */
    private Call call(List<byte[]> words) {
        return new Call(client, words, replies, NEVER, Optional.empty(), subscriptions);
    }

    /** Executes a request here or hands it to the lane. False when it was the connection's last. */
    private boolean dispatch(Request request) throws IOException, InterruptedException {
        Entry entry = protocol.commands().find(request.words().get(0));
        RespCommand body = body(entry, request);
        boolean last = entry != null && entry.kind() == Kind.LAST;
        boolean refused = entry == null || body != entry.body();
        if (!refused && heard(entry, request)) {
            return true;
        }
        if (last || !refused && entry.kind() == Kind.LONG || !conversation.isIdle()) {
            conversation.submit(execution(request));
        } else {
            try (request) {
                body.execute(call(request.words()));
            }
        }
        if (last || client.isDismissed()) {
            streams.forEach(CommandStream::endInput);
            conversation.closeAfterReplies();
            return false;
        }
        return true;
    }

    /** Whether the request was a word to the command that streams now, or will as soon as its turn comes. */
    private boolean heard(Entry entry, Request request) throws IOException, InterruptedException {
        CommandStream stream = streams.peek();
        Optional<CommandStream.Word> word = stream == null ? Optional.empty() : word(entry);
        if (word.isEmpty()) {
            return false;
        }
        boolean heard = true;
        try {
            heard = stream.hear(call(request.words()), word.get());
            return heard;
        } finally {
            if (heard) { // or it was one word too many
                request.close();
            }
        }
    }

    private static Optional<CommandStream.Word> word(Entry entry) {
        return switch (entry.name()) {
            case "stdin" -> Optional.of(CommandStream.Word.STDIN);
            case "eof" -> Optional.of(CommandStream.Word.EOF);
            case "signal" -> Optional.of(CommandStream.Word.SIGNAL);
            case "ping" -> Optional.of(CommandStream.Word.PING);
            default -> Optional.empty();
        };
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
        if (client.version() == RespVersion.RESP2 && subscriptions.count() > 0
                && !WHILE_SUBSCRIBED.contains(entry.name())) {
            return CommandTable.refusing("ERR Can't execute '" + entry.name() + "': only SUBSCRIBE / UNSUBSCRIBE /"
                    + " PING / QUIT / RESET are allowed in this context");
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
        return () -> call(List.of()).error(
                "BUSY the memory for requests is used up, try again later");
    }

    /** A request on the lane. The client's leaving cancels it. */
    private final class Execution implements Lane.Task {
        private final Request request;
        private final long bytes;
        private final Cancellation cancellation = new Cancellation();
        private final Optional<CommandStream> stream;

        Execution(Request request, long bytes) {
            this.request = request;
            this.bytes = bytes;
            Entry entry = protocol.commands().find(request.words().get(0));
            // RESP2 has no streams, and so what comes behind is no word to one.
            stream = entry != null && entry.mayStream() && client.version() == RespVersion.RESP3
                    && RunOptions.askForStream(request.words())
                    ? Optional.of(new CommandStream(replies, socket, protocol.runner().budget(), cancellation))
                    : Optional.empty();
            stream.ifPresent(streams::add);
        }

        @Override
        public void run() throws IOException, InterruptedException {
            try {
                Entry entry = protocol.commands().find(request.words().get(0));
                // Looked at again: a RESET before it may have logged the client out.
                body(entry, request).execute(
                        new Call(client, request.words(), replies, cancellation, stream, subscriptions));
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
            stream.ifPresent(ended -> {
                ended.close();
                client.streams(); // before the reader can find the stream missing
                streams.remove(ended);
            });
            request.close();
            protocol.runner().budget().release(bytes);
        }
    }

    @Override
    public void finish() {
        client.leaves();
        conversation.finishWhenIdle();
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
