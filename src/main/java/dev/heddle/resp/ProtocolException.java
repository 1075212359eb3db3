package dev.heddle.resp;

import java.io.IOException;

/**
 * Signals that the peer is at fault: it sent invalid RESP, or more than the limits allow. The stream cannot be read any
 * further, because the beginning of the next message is unknown: answer once, then close.
 */
public class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String code;

    public ProtocolException(String message) {
        this("ERR", message);
    }

    ProtocolException(String code, String message) {
        super(message);
        this.code = code;
    }

    /** Returns the text of the error reply that a server owes its client, beginning with the code. */
    public final String errorReply() {
        return code + " " + getMessage();
    }
}
