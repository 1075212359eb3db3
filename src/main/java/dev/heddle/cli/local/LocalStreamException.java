package dev.heddle.cli.local;

import java.io.IOException;

/** One of this process's own streams is at fault, not the connection. */
public final class LocalStreamException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean readerGone;

    /** A stream that is read. */
    LocalStreamException(String stream, IOException cause) {
        this(stream, cause, false);
    }

    /** @param readerGone whether who read the stream has left */
    LocalStreamException(String stream, IOException cause, boolean readerGone) {
        super(stream + ": " + cause.getMessage(), cause);
        this.readerGone = readerGone;
    }

    /** Ends as a local program would: without a word when who read has left, as SIGPIPE does. */
    public int report() {
        if (readerGone) {
            return ExitCodes.BROKEN_PIPE;
        }
        StandardOutput.complain("heddle: " + getMessage());
        return ExitCodes.FAILED;
    }
}
