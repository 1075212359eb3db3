package dev.heddle.face.resp;

import dev.heddle.command.RefusedException;
import dev.heddle.command.SignalOutcome;
import dev.heddle.command.Signals;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.net.ClientSocket;
import dev.heddle.resp.ProtocolException;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.service.Attachment;
import dev.heddle.service.AttachmentEvents;
import dev.heddle.time.Cancellation;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A client at a command, in the words of RESP3: output and what becomes of the command go out as pushes, and the words
 * that the client sends meanwhile go in. Lives from the request to its reply.
 *
 * <p><b>Threading:</b> the reading thread calls {@link #hear}, the worker {@link #deliver}.
 */
final class AttachedStream implements AutoCloseable {
    /** Of the text of a PING: its answer waits among the output, and the request is not kept for it. */
    private static final int MAX_PING_BYTES = 4 << 10;

    private final ReplyWriter replies;
    private final ClientSocket socket;
    private final Cancellation cancellation;
    private final Attachment<Push> attachment;
    private final boolean readOnly; // the client only looks at a job
    private volatile BulkString id = BulkString.of(""); // set with the job, or at the start

    /**
     * Makes the stream of a request.
     *
     * @param cancellation ends the command, or the attachment to a job
     */
    AttachedStream(ReplyWriter replies, ClientSocket socket, MemoryBudget share, Cancellation cancellation,
                   Verb request) {
        this.replies = replies;
        this.socket = socket;
        this.cancellation = cancellation;
        readOnly = request instanceof JobVerb.Attach attach && attach.readOnly();
        attachment = new Attachment<>(new Events(), share, !(request instanceof JobVerb.Attach));
    }

    Attachment<Push> attachment() {
        return attachment;
    }

    /** Names the job that the client attaches to, which may never start, or have ended. */
    void isOf(String jobId) {
        id = BulkString.of(jobId);
    }

    private final class Events implements AttachmentEvents {
        @Override
        public void started(String startedId, int inputBytes) {
            id = BulkString.of(startedId);
            attachment.note(StreamPush.of("started", id, new IntegerReply(inputBytes)), 0);
        }

        @Override
        public void credit(int bytes) throws InterruptedException {
            attachment.post(StreamPush.of("window", id, new IntegerReply(bytes)), 0);
        }

        @Override
        public void inputClosed() throws InterruptedException {
            attachment.post(StreamPush.of("closed", id), 0);
        }

        @Override
        public void signaled(String name, SignalOutcome outcome) {
            attachment.note(switch (outcome) {
                case SENT, NO_PROCESS -> signalSent(name); // one before it may have ended the command, as it was to
                case REFUSED, PARTLY_REFUSED -> complaint(ErrorTexts.notPermitted(name, outcome));
            }, name.length());
        }
    }

    /**
     * Sends what comes out of the command, to its end or until the client leaves it. Blocks. When it returns, nothing
     * more is heard, and the reply is next.
     *
     * @param withOffsets whether the client is told where in the output each piece lies
     * @return the last delivery
     * @throws RefusedException when nothing was run
     * @throws IOException      when the client has gone
     */
    Attachment.Delivery<Push> deliver(boolean withOffsets) throws RefusedException, IOException, InterruptedException {
        socket.patient(true); // a client that pauses, like `| less`, is no reason to end the command
        try (Cancellation.Listening listening = cancellation.whenCancelled(attachment::cancel)) {
            while (true) {
                try (Attachment.Delivery<Push> delivery = attachment.take()) {
                    if (delivery.isLast()) {
                        return delivery;
                    }
                    replies.send(StreamPush.of(delivery, id, withOffsets));
                }
            }
        }
    }

    /** Takes a word to the command; false when the last push is out already. */
    boolean hear(StreamWord word) throws IOException, InterruptedException {
        if (!attachment.isOpen()) {
            return false;
        }
        if (readOnly && !(word instanceof StreamWord.Detach)) {
            return complain("this connection only reads the job");
        }
        return switch (word) {
            case StreamWord.Stdin stdin -> write(stdin.pieces());
            case StreamWord.Eof eof -> {
                attachment.endInput();
                yield true;
            }
            case StreamWord.Signal signal -> signal(signal.name());
            case StreamWord.Detach detach -> attachment.leave()
                    || complain("DETACH: this command ends with its connection; a job is left with it");
        };
    }

    /** Answers a PING among the pushes; false when the last of them is out already. */
    boolean hear(ConnectionVerb.Ping ping) throws InterruptedException {
        if (ping.text().isEmpty()) {
            return attachment.post(StreamPush.of("pong"), 0);
        }
        byte[] text = ping.text().get();
        return text.length > MAX_PING_BYTES
                ? complain("PING: a text beside a stream has at most " + MAX_PING_BYTES + " bytes")
                : attachment.post(StreamPush.of("pong", new BulkString(text)), text.length);
    }

    private boolean write(byte[][] pieces) throws IOException, InterruptedException {
        return switch (attachment.write(pieces)) {
            case TAKEN -> true;
            case UNWANTED -> complain("STDIN: the command's stdin came with it");
            case BEYOND_CREDIT -> {
                cancellation.cancel();
                throw new ProtocolException("Protocol error: STDIN beyond the window");
            }
        };
    }

    private boolean signal(String name) throws InterruptedException {
        OptionalInt signal = Signals.parse(name);
        if (signal.isEmpty()) {
            return complain("SIGNAL: there is no signal '" + name + "'");
        }
        if (!attachment.hold()) { // or the command could end by the signal before that is answered
            return false;
        }
        try {
            Optional<SignalOutcome> outcome = attachment.signal(name, signal.getAsInt());
            return outcome.isEmpty() || switch (outcome.get()) {
                case SENT -> attachment.post(signalSent(name), name.length());
                case REFUSED, PARTLY_REFUSED -> complain(ErrorTexts.notPermitted(name, outcome.get()));
                case NO_PROCESS -> false;
            };
        } catch (RefusedException e) {
            return complain("SIGNAL: " + e.getMessage());
        } finally {
            attachment.letGo();
        }
    }

    private Push signalSent(String name) {
        return StreamPush.of("signaled", id, BulkString.of(name));
    }

    private Push complaint(String text) {
        return StreamPush.of("error", id, BulkString.of(text));
    }

    private boolean complain(String text) throws InterruptedException {
        return attachment.post(complaint(text), text.length());
    }

    /** After the last delivery, or instead of it: a command of RUN STREAM ends, a job goes on. */
    @Override
    public void close() {
        attachment.close();
        socket.patient(false);
    }
}
