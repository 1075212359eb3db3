package dev.heddle.face.resp;

import dev.heddle.command.CommandEnd;
import dev.heddle.command.Outcome;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.memory.OutputLog;
import dev.heddle.memory.Page;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.service.JobHandle;
import dev.heddle.time.Cancellation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The jobs that one client listens to. Each has a thread that reads the job's log, from its beginning, and sends
 * what it finds as messages; it ends with the job, with the subscription or with the connection. The end of a job
 * is its last message and no end of the subscription: clients do not expect to be unsubscribed unasked, and
 * node-redis breaks. A client that falls behind has the log as its buffer: what the log does not keep shows as a
 * jump of the offset.
 */
final class Subscriptions {
    private static final int MAX_CHANNELS = 64;
    private static final int MESSAGE_BYTES = 16 << 10;
    private static final int SUBSCRIPTION_BYTES = 8 << 10; // a thread, and what it waits with

    private final ClientState client;
    private final ReplyWriter replies;
    private final ThreadFactory threads;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Cancellation> channels = new LinkedHashMap<>(); // guarded by lock
    private final Set<Cancellation> listening = ConcurrentHashMap.newKeySet(); // of those whose job has not ended
    private volatile Runnable onEnd = () -> { }; // the thread that stops the server sets it

    Subscriptions(ClientState client, ReplyWriter replies, ThreadFactory threads) {
        this.client = client;
        this.replies = replies;
        this.threads = threads;
    }

    boolean isFull() {
        return client.channels() >= MAX_CHANNELS;
    }

    /** Whether any waits for more of its job. From any thread. */
    boolean listens() {
        return !listening.isEmpty();
    }

    /** Run each time that one has sent the last of its job; from any thread. */
    void onEnd(Runnable action) {
        onEnd = action;
    }

    /**
     * Confirms a subscription and starts to listen; a second one to the same channel is only confirmed. False when
     * there is no memory for another one.
     */
    boolean add(String channel, JobHandle job) throws IOException {
        MemoryBudget share = client.share();
        if (!share.tryReserve(SUBSCRIPTION_BYTES)) {
            return false;
        }
        Cancellation cancellation = new Cancellation();
        boolean listens = false;
        lock.lock();
        try {
            boolean added = channels.putIfAbsent(channel, cancellation) == null;
            if (added) {
                listening.add(cancellation); // before the client hears of it: a stop may come right after that
            }
            client.channels(channels.size());
            confirm("subscribe", BulkString.of(channel));
            if (added) {
                threads.newThread(() -> listen(channel, job, cancellation, share)).start();
                listens = true;
            }
            return true;
        } finally {
            lock.unlock();
            if (!listens) {
                listening.remove(cancellation);
                share.release(SUBSCRIPTION_BYTES);
            }
        }
    }

    /** Confirms the end of a subscription, whether or not there was one. */
    void remove(String channel) throws IOException {
        lock.lock();
        try {
            Cancellation cancellation = channels.remove(channel);
            client.channels(channels.size());
            if (cancellation != null) {
                cancellation.cancel();
            }
            confirm("unsubscribe", BulkString.of(channel));
        } finally {
            lock.unlock();
        }
    }

    /** Ends them all, and confirms each; Redis confirms the end of no subscription at all, too. */
    void removeAll() throws IOException {
        lock.lock();
        try {
            if (channels.isEmpty()) {
                confirm("unsubscribe", RespValue.Null.NULL);
            }
            for (String channel : List.copyOf(channels.keySet())) {
                remove(channel);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. */
    private void confirm(String kind, RespValue channel) throws IOException {
        replies.send(Push.of(BulkString.of(kind), channel, new IntegerReply(channels.size())), client.version());
    }

    /** Ends them all without a word. */
    void clear() {
        lock.lock();
        try {
            channels.values().forEach(Cancellation::cancel);
            channels.clear();
            client.channels(0);
        } finally {
            lock.unlock();
        }
    }

    private void listen(String channel, JobHandle job, Cancellation cancellation, MemoryBudget share) {
        Thread.currentThread().setName("client-" + client.id() + "-" + channel);
        try {
            long cursor = 0;
            Optional<CommandEnd> end = Optional.empty();
            while (end.isEmpty() && !cancellation.isCancelled()) {
                try (Page page = job.read(cursor, MESSAGE_BYTES, WordReader.UNBOUNDED, cancellation, share)) {
                    for (Page.Piece piece : page.pieces()) {
                        say(channel, cancellation, payload(piece));
                    }
                    cursor = page.next();
                    end = page.end();
                }
            }
            if (end.isPresent()) {
                say(channel, cancellation, BulkString.of("end " + text(end.get().outcome())));
            }
        } catch (IOException e) {
            clear(); // the client has gone, which its reading thread sees too
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            listening.remove(cancellation);
            share.release(SUBSCRIPTION_BYTES);
            onEnd.run();
        }
    }

    /** Nothing comes behind the confirmation of the end: a client of RESP2 would take it for a reply. */
    private void say(String channel, Cancellation cancellation, RespValue payload) throws IOException {
        replies.sendUnless(cancellation, Push.of(BulkString.of("message"), BulkString.of(channel), payload),
                client.version());
    }

    private static RespValue payload(Page.Piece piece) {
        String stream = piece.stream() == OutputLog.STDOUT ? "out" : "err";
        List<ByteBuffer> parts = new ArrayList<>(piece.bytes());
        parts.addFirst(ByteBuffer.wrap((stream + " " + piece.offset() + "\n").getBytes(StandardCharsets.US_ASCII)));
        return new RespValue.BulkPieces(parts);
    }

    private static String text(Outcome outcome) {
        OptionalInt number = outcome.number();
        return outcome.word() + (number.isPresent() ? " " + number.getAsInt() : "");
    }
}
