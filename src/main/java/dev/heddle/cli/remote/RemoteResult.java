package dev.heddle.cli.remote;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.cli.local.StandardOutput;
import dev.heddle.client.ErrorReplyException;
import dev.heddle.command.Outcome;

/** Turns the result of a remote command into the exit code that a shell would give. */
public final class RemoteResult {
    private RemoteResult() {}

    /** Says on stderr what the exit code alone does not tell, and returns the exit code. */
    public static int show(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Exited(int code) -> code;
            case Outcome.Signaled(int signal) -> ExitCodes.SIGNALED + signal;
            case Outcome.TimedOut() -> {
                StandardOutput.complain("heddle: the command's time was up");
                yield ExitCodes.TIMED_OUT;
            }
            case Outcome.Cancelled() -> {
                StandardOutput.complain("heddle: the server has ended the command");
                yield ExitCodes.REFUSED;
            }
        };
    }

    /** Says why the server ran nothing, and returns the exit code. */
    public static int show(ErrorReplyException refused) {
        StandardOutput.complain("heddle: " + (refused.code().equals("NOAUTH")
                ? "the server wants a token: give --token-file, or set HEDDLE_PASSWORD" : refused.getMessage()));
        return switch (refused.code()) {
            case "NOTFOUND" -> ExitCodes.NOT_FOUND;
            case "NOTEXEC", "TOOBIG" -> ExitCodes.NOT_EXECUTABLE;
            case "NOAUTH", "WRONGPASS" -> ExitCodes.CONNECTION;
            case String other -> ExitCodes.REFUSED;
        };
    }
}
