package dev.heddle.access;

import java.io.IOException;

/**
 * Signals that other users could read or change a file that decides who may do what. The message tells its owner what
 * to do.
 */
public final class UnsafeFileException extends IOException {
    private static final long serialVersionUID = 1L;

    UnsafeFileException(String message) {
        super(message);
    }
}
