package dev.heddle.face.resp;

/** A mistake in the words of a request. The message is the whole error reply, with its code. */
final class SyntaxException extends Exception {
    private static final long serialVersionUID = 1L;

    SyntaxException(String reply) {
        super(reply, null, false, false); // clients make mistakes as often as they like: no stack is walked for them
    }

    /** A mistake in what is Heddle's own; where Redis has a text, that is used instead. */
    static SyntaxException of(String mistake) {
        return new SyntaxException("ERR syntax: " + mistake);
    }
}
