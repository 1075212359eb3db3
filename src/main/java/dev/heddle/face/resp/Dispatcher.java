package dev.heddle.face.resp;

import dev.heddle.face.resp.VerbTable.Entry;
import dev.heddle.face.resp.VerbTable.Kind;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.Connection;
import dev.heddle.net.RequestWorker;
import dev.heddle.resp.Request;
import dev.heddle.resp.RespVersion;
import dev.heddle.time.Cancellation;

import java.io.IOException;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Parses each request of one client, once, and decides where it is executed: what takes no time at once, on the reading
 * thread; what may take long, and all that comes behind it, on the connection's worker.
 *
 * <p><b>Threading:</b> the reading thread calls it; only executions run on the worker.
 */
final class Dispatcher {
    private static final int QUEUED_OVERHEAD_BYTES = 256; // the objects around a request that waits
    private static final int WORD_OVERHEAD_BYTES = 16; // what parsing makes of each of its words
    private static final int LARGE_REQUEST_BYTES = 4 << 10; // beyond that replies are not gathered

    private final VerbExecutor executor;
    private final Call immediate; // for what takes no time, and so nobody cancels
    private final ClientState client;
    private final ClientSocket socket;
    private final Connection connection;
    /** What the worker was given last, until that has been executed; the reading thread sets, the worker clears. */
    private final AtomicReference<RequestWorker.Task> newest = new AtomicReference<>();
    private final Queue<AttachedStream> streams = new ConcurrentLinkedQueue<>(); // the reader adds, the worker removes

    Dispatcher(VerbExecutor executor, Call immediate, ClientSocket socket, Connection connection) {
        this.executor = executor;
        this.immediate = immediate;
        client = immediate.client();
        this.socket = socket;
        this.connection = connection;
    }

    /** Executes a request or hands it to the worker, and sees that it is closed. False when it was the last. */
    boolean dispatch(Request request) throws IOException, InterruptedException {
        Entry entry = VerbTable.find(request.words().get(0));
        Verb verb = VerbTable.parse(entry, request.words());
        Optional<String> refusal = refusal(entry, verb);
        if (refusal.isEmpty() && heard(verb, request)) {
            return true;
        }
        boolean last = entry != null && entry.kind() == Kind.LAST;
        if (last || refusal.isEmpty() && mayTakeLong(entry, verb) || !connection.isIdle()) {
            submit(task(entry, verb, request));
        } else {
            try (request) {
                execute(immediate, verb, refusal);
                sendIfLarge(request);
            }
        }
        if (last || client.isDismissed()) {
            close();
            return false;
        }
        return true;
    }

    /** Mistakes are answered at once, but for one in the request for a stream: words to that may be on their way. */
    private static boolean mayTakeLong(Entry entry, Verb verb) {
        boolean mistaken = verb instanceof Verb.Malformed || verb instanceof Verb.Unknown;
        return mistaken ? verb.streams() : entry.kind() == Kind.LONG;
    }

    /** Why a verb is not executed now, if it is not; and notes it as the client's last one, if it is. */
    private Optional<String> refusal(Entry entry, Verb verb) {
        if (!client.authenticated() && (entry == null || entry.needsAuthentication())) {
            return Optional.of("NOAUTH Authentication required.");
        }
        if (verb instanceof Verb.Unknown) {
            return Optional.empty();
        }
        if (client.version() == RespVersion.RESP2 && !entry.whileSubscribed() && client.channels() > 0) {
            return Optional.of("ERR Can't execute '" + entry.name() + "': only SUBSCRIBE / UNSUBSCRIBE / PING / QUIT /"
                    + " RESET are allowed in this context");
        }
        client.executes(entry.name());
        return Optional.empty();
    }

    private void execute(Call call, Verb verb, Optional<String> refusal) throws IOException, InterruptedException {
        if (refusal.isPresent()) {
            call.error(refusal.get());
        } else {
            executor.execute(call, verb);
        }
    }

    private void submit(RequestWorker.Task task) throws IOException, InterruptedException {
        newest.set(task);
        connection.submit(task);
    }

    /** Answers with an error, behind all that is still to be answered, and ends the connection. */
    void endWith(String error) throws IOException, InterruptedException {
        submit(() -> immediate.error(error));
        close();
    }

    private void close() throws IOException, InterruptedException {
        cutInput();
        connection.closeAfterReplies();
    }

    /** What is reserved for the input of the command that streams now: what its client sends of that is counted. */
    int windowBytes() {
        AttachedStream stream = streams.peek();
        return stream == null ? 0 : stream.attachment().windowBytes();
    }

    /** The client is not heard any more: what streams has as long to end as after a half-close. */
    void cutInput() throws InterruptedException {
        if (!streams.isEmpty() && !connection.awaitIdle()) {
            streams.forEach(stream -> stream.attachment().cutInput());
        }
    }

    /** The client has closed its side, and waits for answers at most. */
    void hangUp() {
        streams.forEach(stream -> stream.attachment().leave()); // a command of RUN STREAM cannot be left
    }

    /** The reply may hold the request's own words: those stay counted until it is on its way. */
    private void sendIfLarge(Request request) throws IOException {
        if (request.heldBytes() > LARGE_REQUEST_BYTES) {
            immediate.replies().flush();
        }
    }

    /** Whether the request was a word to the command that streams now, or will as soon as its turn comes. */
    private boolean heard(Verb verb, Request request) throws IOException, InterruptedException {
        AttachedStream stream = streams.peek();
        if (stream == null) {
            return false;
        }
        boolean heard = true; // and closed, should it fail
        try {
            heard = switch (verb) {
                case StreamWord word -> stream.hear(word);
                case ConnectionVerb.Ping ping -> isNewest(stream) && stream.hear(ping);
                case Verb other -> false;
            };
            return heard;
        } finally {
            if (heard) {
                request.close();
            }
        }
    }

    /** Whether nothing has been asked for behind the stream: a PING behind that is answered in its turn. */
    private boolean isNewest(AttachedStream stream) {
        return newest.get() instanceof Execution last && last.call.stream().filter(stream::equals).isPresent();
    }

    /** A request that has to wait counts against the memory budget, however small it is. */
    private RequestWorker.Task task(Entry entry, Verb verb, Request request) {
        MemoryBudget budget = client.share();
        int words = request.words().size();
        boolean copiesText = !(verb instanceof RunOptions); // which keep the words
        long bytes = QUEUED_OVERHEAD_BYTES + request.heldBytes() + (long) words * WORD_OVERHEAD_BYTES
                + (copiesText ? 2 * Math.min(request.heldBytes(), (long) words * WordReader.MAX_TEXT_BYTES) : 0);
        long uncounted = Math.max(QUEUED_OVERHEAD_BYTES, bytes - request.reservedBytes());
        if (budget.tryReserve(uncounted)) {
            return new Execution(entry, verb, request, budget, bytes, uncounted);
        }
        request.close();
        return () -> immediate.error("BUSY the memory for requests is used up, try again later");
    }

    /** A request on the worker. The client's leaving cancels it. */
    private final class Execution implements RequestWorker.Task {
        private final Entry entry; // null for an unknown verb
        private Verb verb; // until it has been executed
        private final Request request;
        private final MemoryBudget budget;
        private final long bytes;
        private final long reservedBytes;
        private final Call call;
        /** The command, until its execution; the reading thread sets, the one that ends it takes. */
        private final AtomicReference<RunCommands.Asked> asked = new AtomicReference<>();
        private volatile boolean dropped; // any thread sets it, the reading thread reads it

        /** @param reservedBytes in this budget, besides what the request itself has reserved */
        Execution(Entry entry, Verb verb, Request request, MemoryBudget budget, long bytes, long reservedBytes) {
            this.entry = entry;
            this.verb = verb;
            this.request = request;
            this.budget = budget;
            this.bytes = bytes;
            this.reservedBytes = reservedBytes;
            Cancellation cancellation = new Cancellation();
            // RESP2 has no streams, and so what comes behind is no word to one.
            call = immediate.with(cancellation, verb.streams() && client.version() == RespVersion.RESP3
                    ? Optional.of(new AttachedStream(immediate.replies(), socket, budget, cancellation, verb))
                    : Optional.empty());
            call.stream().ifPresent(streams::add);
        }

        /** Asks for the command of a worker's first request, so that no thread waits for its start. */
        @Override
        public void whenReady(Runnable start) {
            Optional<RunCommands.Asked> command = executor.ask(client, verb, call.stream());
            command.ifPresent(one -> client.runs(one.id())); // first: it may be done before a thread is needed
            asked.set(command.orElse(null));
            if (dropped) { // meanwhile, by another thread
                abandonAsked();
            }
            command.ifPresentOrElse(one -> one.whenReady().accept(start), start);
        }

        @Override
        public void run() throws IOException, InterruptedException {
            try {
                RunCommands.Asked command = asked.getAndSet(null);
                if (command != null) {
                    command.answer(call);
                } else {
                    execute(call, verb, refusal(entry, verb)); // a RESET before it may have logged the client out
                }
                sendIfLarge(request);
            } finally {
                dropped();
            }
        }

        private void abandonAsked() {
            RunCommands.Asked command = asked.getAndSet(null);
            if (command != null) {
                client.runs("");
                command.abandon().run();
            }
        }

        @Override
        public long bytes() {
            return bytes;
        }

        @Override
        public void cancel() {
            call.cancellation().cancel();
        }

        @Override
        public void dropped() {
            call.stream().ifPresent(ended -> {
                ended.close();
                client.streams(); // before the reader can find the stream missing
                streams.remove(ended);
            });
            newest.compareAndSet(this, null);
            dropped = true;
            abandonAsked();
            verb = null; // it may hold the request's words, and a waiting thread this execution
            request.close();
            budget.release(reservedBytes);
        }
    }
}
