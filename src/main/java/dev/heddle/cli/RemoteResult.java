package dev.heddle.cli;

import dev.heddle.client.RefusedException;
import dev.heddle.client.RunResult;
import dev.heddle.client.RunResult.Ending;

import java.io.IOException;

/** Makes a remote result look as if the command had run here: its output, and an exit code as shells have it. */
final class RemoteResult {
    private RemoteResult() {}

    /** Writes the output and returns the exit code. */
    static int show(RunResult result) throws IOException {
        StandardOutput.out(result.stdout());
        StandardOutput.err(result.stderr());
        if (result.bytesLeftOut() > 0) {
            HeddleCommand.complain("heddle: the output is not whole: " + result.bytesLeftOut()
                    + " bytes from its middle are missing");
            return ExitCodes.CONNECTION;
        }
        return switch (result.ending()) {
            case Ending.Exited(int code) -> code;
            case Ending.Signaled(int signal) -> ExitCodes.SIGNALED + signal;
            case Ending.TimedOut() -> {
                HeddleCommand.complain("heddle: the command's time was up");
                yield ExitCodes.TIMED_OUT;
            }
            case Ending.Cancelled() -> {
                HeddleCommand.complain("heddle: the server has ended the command");
                yield ExitCodes.REFUSED;
            }
        };
    }

    /** Says why nothing ran and returns the exit code. */
    static int show(RefusedException refused) {
        HeddleCommand.complain("heddle: " + refused.getMessage());
        return switch (refused.code()) {
            case "NOTFOUND" -> ExitCodes.NOT_FOUND;
            case "NOTEXEC", "TOOBIG" -> ExitCodes.NOT_EXECUTABLE;
            case "NOAUTH", "WRONGPASS" -> ExitCodes.CONNECTION;
            case String other -> ExitCodes.REFUSED;
        };
    }
}
