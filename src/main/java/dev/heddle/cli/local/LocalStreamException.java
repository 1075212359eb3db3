package dev.heddle.cli.local;

import java.io.IOException;

/** Signals that one of this process's own streams failed, and not the connection. */
public final class LocalStreamException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean readerGone;

    LocalStreamException(String stream, IOException cause, boolean readerGone) {
        super(stream + ": " + cause.getMessage(), cause);
        this.readerGone = readerGone;
    }

    /** Says it on stderr, unless the reader has left, as a program that SIGPIPE ends; returns the exit code. */
    public int report() {
        if (readerGone) {
            return ExitCodes.BROKEN_PIPE;
        }
        StandardOutput.complain("heddle: " + getMessage());
        return ExitCodes.FAILED;
    }
}
