package dev.heddle.face.resp;

import dev.heddle.face.resp.CommandTable.Entry;
import dev.heddle.face.resp.CommandTable.Kind;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.Connection;
import dev.heddle.net.RequestWorker;
import dev.heddle.resp.Request;
import dev.heddle.resp.RespVersion;
import dev.heddle.run.Cancellation;
import dev.heddle.run.MemoryBudget;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Decides for each request of one client what is executed, and where: what takes no time at once, on the reading
 * thread; what may take long, and all that comes behind it, on the lane. The reading thread calls it; on the lane only
 * its executions run.
 */
final class Dispatcher {
    private static final int QUEUED_OVERHEAD_BYTES = 256; // the objects around a request that waits
    private static final int WORD_OVERHEAD_BYTES = 24; // and around each of its words
    private static final int LARGE_REQUEST_BYTES = 4 << 10; // beyond that replies are not gathered
    private static final Set<String> WHILE_SUBSCRIBED = Set.of("subscribe", "unsubscribe", "ping", "quit", "reset");
    private static final Cancellation NEVER = new Cancellation(); // for what is over before anybody could cancel

    private final RespProtocol protocol;
    private final ClientState client;
    private final ClientSocket socket;
    private final ReplyWriter replies;
    private final Subscriptions subscriptions;
    private final Connection conversation;
    /** What the lane was given last, until that has been executed; the reading thread sets, the lane clears. */
    private final AtomicReference<RequestWorker.Task> newest = new AtomicReference<>();
    private final Queue<CommandStream> streams = new ConcurrentLinkedQueue<>(); // the reader adds, the lane removes

    Dispatcher(RespProtocol protocol, ClientState client, ClientSocket socket, ReplyWriter replies,
               Subscriptions subscriptions, Connection conversation) {
        this.protocol = protocol;
        this.client = client;
        this.socket = socket;
        this.replies = replies;
        this.subscriptions = subscriptions;
        this.conversation = conversation;
    }

    /** Executes a request here or hands it to the lane, and sees that it is closed. False when it was the last. */
    boolean dispatch(Request request) throws IOException, InterruptedException {
        Entry entry = protocol.commands().find(request.words().get(0));
        RespCommand body = body(entry, request);
        boolean last = entry != null && entry.kind() == Kind.LAST;
        boolean refused = entry == null || body != entry.body();
        if (!refused && heard(entry, request)) {
            return true;
        }
        if (last || !refused && entry.kind() == Kind.LONG || !conversation.isIdle()) {
            submit(execution(entry, request));
        } else {
            try (request) {
                body.execute(call(request.words()));
                sendIfLarge(request);
            }
        }
        if (last || client.isDismissed()) {
            close();
            return false;
        }
        return true;
    }

    private void submit(RequestWorker.Task task) throws IOException, InterruptedException {
        newest.set(task);
        conversation.submit(task);
    }

    /** Answers with an error, behind all that is still to be answered, and ends the connection. */
    void endWith(String error) throws IOException, InterruptedException {
        submit(() -> call(List.of()).error(error));
        close();
    }

    private void close() throws IOException, InterruptedException {
        cutInput();
        conversation.closeAfterReplies();
    }

    /** What is reserved for the input of the command that streams now: what its client sends of that is counted. */
    int windowBytes() {
        CommandStream stream = streams.peek();
        return stream == null ? 0 : stream.windowBytes();
    }

    /** The client is not heard any more: what streams has as long to end as after a half-close. */
    void cutInput() throws InterruptedException {
        if (!streams.isEmpty() && !conversation.awaitIdle()) {
            streams.forEach(CommandStream::cutInput);
        }
    }

    /** The reply may hold the request's own words: those stay counted until it is on its way. */
    private void sendIfLarge(Request request) throws IOException {
        if (request.heldBytes() > LARGE_REQUEST_BYTES) {
            replies.flush();
        }
    }

    /** A call that nobody cancels, because it takes no time. */
    private Call call(List<byte[]> words) {
        return new Call(client, words, replies, NEVER, Optional.empty(), subscriptions);
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

    /** Whether the request was a word to the command that streams now, or will as soon as its turn comes. */
    private boolean heard(Entry entry, Request request) throws IOException, InterruptedException {
        CommandStream stream = streams.peek();
        Optional<CommandStream.Word> word = stream == null ? Optional.empty() : word(entry);
        if (word.isEmpty() || word.get() == CommandStream.Word.PING && !isNewest(stream)) {
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

    /** Whether nothing has been asked for behind the stream: a PING behind that is answered in its turn. */
    private boolean isNewest(CommandStream stream) {
        return newest.get() instanceof Execution execution && execution.stream.filter(stream::equals).isPresent();
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

    /** A request that has to wait counts against the memory budget, however small it is. */
    private RequestWorker.Task execution(Entry entry, Request request) {
        MemoryBudget budget = client.share();
        long bytes = QUEUED_OVERHEAD_BYTES;
        for (byte[] word : request.words()) {
            bytes += word.length + WORD_OVERHEAD_BYTES;
        }
        long uncounted = Math.max(QUEUED_OVERHEAD_BYTES, bytes - request.reservedBytes());
        if (budget.tryReserve(uncounted)) {
            return new Execution(entry, request, budget, bytes, uncounted);
        }
        request.close();
        return () -> call(List.of()).error("BUSY the memory for requests is used up, try again later");
    }

    /** A request on the lane. The client's leaving cancels it. */
    private final class Execution implements RequestWorker.Task {
        private final Entry entry; // null for an unknown command
        private final Request request;
        private final MemoryBudget budget;
        private final long bytes;
        private final long reservedBytes;
        private final Cancellation cancellation = new Cancellation();
        private final Optional<CommandStream> stream;

        /** @param reservedBytes in this budget, besides what the request itself has reserved */
        Execution(Entry entry, Request request, MemoryBudget budget, long bytes, long reservedBytes) {
            this.reservedBytes = reservedBytes;
            this.entry = entry;
            this.request = request;
            this.budget = budget;
            this.bytes = bytes;
            // RESP2 has no streams, and so what comes behind is no word to one.
            stream = entry != null && entry.runsProgram() && client.version() == RespVersion.RESP3
                    && RunOptions.askForStream(request.words())
                    ? Optional.of(new CommandStream(replies, socket, budget, cancellation))
                    : Optional.empty();
            stream.ifPresent(streams::add);
        }

        @Override
        public void run() throws IOException, InterruptedException {
            try {
                // Looked at again: a RESET before it may have logged the client out.
                body(entry, request).execute(
                        new Call(client, request.words(), replies, cancellation, stream, subscriptions));
                sendIfLarge(request);
            } finally {
                dropped();
            }
        }

        @Override
        public boolean startsProgram() {
            return entry != null && entry.runsProgram();
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
            newest.compareAndSet(this, null);
            request.close();
            budget.release(reservedBytes);
        }
    }
}
