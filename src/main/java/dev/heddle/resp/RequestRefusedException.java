package dev.heddle.resp;

/**
 * Nobody's fault: the request keeps to its limits, but the memory for all large requests together is used up.
 * As the rest of it is still to come, the client is answered once and disconnected, and may try again.
 */
public final class RequestRefusedException extends ProtocolException {
    private static final long serialVersionUID = 1L;

    RequestRefusedException(String message) {
        super("BUSY", message);
    }
}
