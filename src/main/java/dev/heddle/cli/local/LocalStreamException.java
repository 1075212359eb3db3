package dev.heddle.cli.local;

import java.io.IOException;

/** Signals that one of this process's own streams failed, and not the connection. */
public final class LocalStreamException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean readerGone;

    /** Makes an exception about a stream that this process reads. */
    LocalStreamException(String stream, IOException cause) {
        this(stream, cause, false);
    }

    /**
     * Makes an exception about a stream.
     *
     * @param readerGone whether the reader of the stream has left
     */
    LocalStreamException(String stream, IOException cause, boolean readerGone) {
        super(stream + ": " + cause.getMessage(), cause);
        this.readerGone = readerGone;
    }

    /**
     * Returns the exit code after one line on stderr; says nothing when the reader has left, as a program that SIGPIPE
     * ends.
     */
    public int report() {
        if (readerGone) {
            return ExitCodes.BROKEN_PIPE;
        }
        StandardOutput.complain("heddle: " + getMessage());
        return ExitCodes.FAILED;
    }
}
