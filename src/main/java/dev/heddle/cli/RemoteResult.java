package dev.heddle.cli;

import dev.heddle.client.ErrorReplyException;
import dev.heddle.command.Outcome;

/** Makes a remote command look as if it had run here: an exit code as shells have it. */
final class RemoteResult {
    private RemoteResult() {}

    /** Says on stderr what the exit code alone does not tell, and returns it. */
    static int show(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Exited(int code) -> code;
            case Outcome.Signaled(int signal) -> ExitCodes.SIGNALED + signal;
            case Outcome.TimedOut() -> {
                HeddleCommand.complain("heddle: the command's time was up");
                yield ExitCodes.TIMED_OUT;
            }
            case Outcome.Cancelled() -> {
                HeddleCommand.complain("heddle: the server has ended the command");
                yield ExitCodes.REFUSED;
            }
        };
    }

    /** Says why the server did nothing, and returns the exit code. */
    static int show(ErrorReplyException refused) {
        HeddleCommand.complain("heddle: " + (refused.code().equals("NOAUTH")
                ? "the server wants a token: give --token-file, or set HEDDLE_PASSWORD" : refused.getMessage()));
        return switch (refused.code()) {
            case "NOTFOUND" -> ExitCodes.NOT_FOUND;
            case "NOTEXEC", "TOOBIG" -> ExitCodes.NOT_EXECUTABLE;
            case "NOAUTH", "WRONGPASS" -> ExitCodes.CONNECTION;
            case String other -> ExitCodes.REFUSED;
        };
    }
}
