package dev.heddle.access;

/** A user asks for what the policy does not allow. The client is at fault; nothing has run. */
public final class DeniedException extends Exception {
    private static final long serialVersionUID = 1L;

    public DeniedException(String message) {
        super(message);
    }
}
