package dev.heddle.job;

/** A {@link RequestId} is known, and its request can neither be run nor answered. The client is told why. */
public final class RequestIdException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why not. */
    public enum Reason {
        /** It was used for another request. */
        OTHER_REQUEST,
        /** The request was run, but its result has been dropped. */
        GONE
    }

    private final Reason reason;

    RequestIdException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
