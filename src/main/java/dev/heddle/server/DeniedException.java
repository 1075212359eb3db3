package dev.heddle.server;

import java.nio.charset.StandardCharsets;

/** A client may not come in; the client, or whoever should have let it in, is at fault. */
final class DeniedException extends Exception {
    private static final long serialVersionUID = 1L;

    DeniedException(String message) {
        super(message);
    }

    /** What the client is told before it is disconnected. */
    byte[] reply() {
        return ("-DENIED " + getMessage() + "\r\n").getBytes(StandardCharsets.UTF_8);
    }
}
