package dev.heddle.access;

import java.io.IOException;

/** A file that decides who may do what lies open to others; its owner is at fault, and is told what to do. */
public final class UnsafeFileException extends IOException {
    private static final long serialVersionUID = 1L;

    UnsafeFileException(String message) {
        super(message);
    }
}
