package dev.heddle.exec;

/** A limit of the server is reached and nothing was started. Nobody is at fault; the client may try again. */
public final class BusyException extends Exception {
    private static final long serialVersionUID = 1L;

    public BusyException(String message) {
        super(message);
    }
}
