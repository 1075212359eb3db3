package dev.heddle.cli;

import java.io.IOException;

/** One of this process's own streams is at fault, not the connection. */
final class LocalStreamException extends IOException {
    private static final long serialVersionUID = 1L;

    LocalStreamException(String stream, IOException cause) {
        super(stream + ": " + cause.getMessage(), cause);
    }

    /** Ends as a local program would: without a word when who read has left, as SIGPIPE does. */
    int report() {
        if (getMessage().contains("Broken pipe")) {
            return ExitCodes.BROKEN_PIPE;
        }
        HeddleCommand.complain("heddle: " + getMessage());
        return ExitCodes.FAILED;
    }
}
