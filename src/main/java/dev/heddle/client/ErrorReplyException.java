package dev.heddle.client;

/** Signals that the server answered with an error: nothing ran. The request is at fault, or the server's limits. */
public final class ErrorReplyException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String code;

    ErrorReplyException(String code, String message) {
        super(message);
        this.code = code;
    }

    /** Returns the first word of the error, such as {@code NOTFOUND} or {@code BUSY}. */
    public String code() {
        return code;
    }
}
