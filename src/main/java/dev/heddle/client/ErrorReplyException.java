package dev.heddle.client;

import dev.heddle.resp.RespValue.ErrorReply;

/** Signals that the server answered with an error: nothing ran. The request is at fault, or the server's limits. */
public final class ErrorReplyException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String code;

    ErrorReplyException(ErrorReply reply) {
        super(reply.text());
        code = reply.code();
    }

    /** Returns the first word of the error, such as {@code NOTFOUND} or {@code BUSY}. */
    public String code() {
        return code;
    }
}
