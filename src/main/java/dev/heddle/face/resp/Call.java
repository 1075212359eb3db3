package dev.heddle.face.resp;

import dev.heddle.memory.MemoryBudget;
import dev.heddle.resp.RespValue;
import dev.heddle.time.Cancellation;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The execution of one verb for one client, and the way to answer it.
 *
 * @param cancellation  is cancelled when the client has gone
 * @param stream        of a RUN or SH that asks for one
 * @param subscriptions of the client
 *
 * <p><b>Threading:</b> belongs to the thread that executes the verb.
 */
record Call(ClientState client, ReplyWriter replies, Cancellation cancellation, Optional<AttachedStream> stream,
            Subscriptions subscriptions) {
    /** Of an error's text: many repeat a word of the request, which may be as long as a request. */
    private static final int MAX_ERROR_CHARS = 1000;

    /** The call of another verb for the same client. */
    Call with(Cancellation itsCancellation, Optional<AttachedStream> itsStream) {
        return new Call(client, replies, itsCancellation, itsStream, subscriptions);
    }

    void reply(RespValue value) throws IOException {
        replies.write(value, client.version());
    }

    /** Answers, and returns only when the reply is on its way: until then somebody's memory is in use. */
    void send(RespValue value) throws IOException {
        replies.send(value, client.version());
    }

    /**
     * Answers with something that is large for the request it answers. It counts in the client's memory until it is
     * on its way; when that is used up, it is not even made.
     *
     * @param bytes what it takes, at most
     */
    void sendCounted(long bytes, Supplier<RespValue> value) throws IOException {
        MemoryBudget share = client.share();
        if (!share.tryReserve(bytes)) {
            error("BUSY the memory for replies is used up, try again later");
            return;
        }
        try {
            send(value.get());
        } finally {
            share.release(bytes);
        }
    }

    void ok() throws IOException {
        reply(RespValue.SimpleString.OK);
    }

    /** Answers with an error: its code, a blank, and what a user should know. */
    void error(String text) throws IOException {
        reply(new RespValue.ErrorReply(text.length() <= MAX_ERROR_CHARS ? text
                : text.substring(0, MAX_ERROR_CHARS) + "..."));
    }
}
