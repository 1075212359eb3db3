package dev.heddle.face.resp;

import java.util.List;

/**
 * A request after parsing. Each is parsed once, by the reading thread; its reply may come much later. Its records may
 * refer to the request's own words, which are there until the request is closed.
 */
sealed interface Verb permits ConnectionVerb, ClientVerb, ServerVerb, RunOptions, JobVerb, SubscribeVerb, StreamWord,
        Verb.Malformed, Verb.Unknown {
    /** Makes the typed request of a request's words, the verb's name among them. */
    @FunctionalInterface
    interface Parser {
        Verb parse(List<byte[]> words) throws SyntaxException;
    }

    /** Whether output flows while the verb is executed, and words to its command may follow it. */
    default boolean streams() {
        return false;
    }

    /**
     * A request whose words are wrong. Its error is answered in its turn.
     *
     * @param streams whether it asks for a stream: its client may have sent words to the command already
     */
    record Malformed(String error, boolean streams) implements Verb {}

    /** A request with an unknown name, or with a wrong number of words. Its error is answered in its turn. */
    record Unknown(String error) implements Verb {}
}
