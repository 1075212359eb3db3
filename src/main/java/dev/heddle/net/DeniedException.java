package dev.heddle.net;

import java.io.IOException;

/** A client may not come in, and has been told so; the client, or whoever should have let it in, is at fault. */
public final class DeniedException extends IOException {
    private static final long serialVersionUID = 1L;

    DeniedException(String message) {
        super(message);
    }
}
