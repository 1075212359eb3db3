package dev.heddle.face.resp;

import dev.heddle.resp.RespValue;
import dev.heddle.run.Cancellation;
import dev.heddle.run.MemoryBudget;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One execution of a command for one client: its words, and the way to answer. Belongs to the thread that
 * executes it.
 *
 * @param words         the command's name and its arguments
 * @param cancellation  is cancelled when the client has gone
 * @param stream        of a RUN or SH that asks for one
 * @param subscriptions of the client
 */
record Call(ClientState client, List<byte[]> words, ReplyWriter replies, Cancellation cancellation,
            Optional<CommandStream> stream, Subscriptions subscriptions) {
    /** Of an error's text: many repeat a word of the request, which may be as long as a request. */
    private static final int MAX_ERROR_CHARS = 1000;
    /** Of a word as text: no name, number or address is longer, and each text is a copy that nothing counts. */
    private static final int MAX_TEXT_BYTES = 4096;

    int size() {
        return words.size();
    }

    byte[] bytes(int index) {
        return words.get(index);
    }

    /**
     * A word as text, cut after 4096 bytes. What is no UTF-8 becomes replacement characters: fit for names, not for
     * data.
     */
    String text(int index) {
        byte[] word = words.get(index);
        return new String(word, 0, Math.min(word.length, MAX_TEXT_BYTES), StandardCharsets.UTF_8);
    }

    /** Whether a word is this one, in ASCII; command words are not case-sensitive in Redis. */
    boolean is(int index, String word) {
        return words.get(index).length == word.length() && text(index).equalsIgnoreCase(word);
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
