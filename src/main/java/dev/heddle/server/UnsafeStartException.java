package dev.heddle.server;

/** Says that the server was told to listen in a way that would let strangers run commands. The operator is at fault. */
public final class UnsafeStartException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnsafeStartException(String message) {
        super(message);
    }
}
