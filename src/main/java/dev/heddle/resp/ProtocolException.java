package dev.heddle.resp;

import java.io.IOException;

/**
 * The peer is at fault: it sent what is no RESP, or more than the limits allow. The stream cannot be read on
 * after it, because nobody knows where the next message begins: answer once, then close.
 */
public class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    public ProtocolException(String message) {
        super(message);
    }

    /** The text of the error reply that a server owes its client, beginning with the code. */
    public String errorReply() {
        return "ERR " + getMessage();
    }
}
