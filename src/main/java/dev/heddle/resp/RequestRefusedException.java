package dev.heddle.resp;

/**
 * Signals that the memory for all large requests together is used up, although the request keeps to its limits. As the
 * rest of the request is still to come, the client is answered once and disconnected, and may try again.
 */
public final class RequestRefusedException extends ProtocolException {
    private static final long serialVersionUID = 1L;

    RequestRefusedException(String message) {
        super("BUSY", message);
    }
}
