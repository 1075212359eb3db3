package dev.heddle.resp;

import java.io.IOException;

/**
 * The peer is at fault: it sent what is no RESP, or more than the limits allow. The stream cannot be read on
 * after it, because nobody knows where the next message begins: answer once, then close.
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

    /** The text of the error reply that a server owes its client, beginning with the code. */
    public final String errorReply() {
        return code + " " + getMessage();
    }
}
