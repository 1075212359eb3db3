package dev.heddle.net;

import java.io.IOException;

/** Says that a client may not come in, and has been told so. The client or the operator is at fault. */
public final class DeniedException extends IOException {
    private static final long serialVersionUID = 1L;

    DeniedException(String message) {
        super(message);
    }
}
