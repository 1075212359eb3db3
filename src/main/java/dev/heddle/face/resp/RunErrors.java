package dev.heddle.face.resp;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.command.SignalOutcome;

import java.io.IOException;

/** Turns what keeps a command from running into the error reply for it: a code, a blank, and what is wrong. */
final class RunErrors {
    /** Starts something and answers, or throws. */
    interface Attempt {
        void run() throws RunOptions.SyntaxException, RefusedException, IOException, InterruptedException;
    }

    private RunErrors() {}

    /** Makes the attempt. If it fails because of the request, or for lack of means, that is the answer. */
    static void answer(Call call, Attempt attempt) throws IOException, InterruptedException {
        try {
            attempt.run();
        } catch (RunOptions.SyntaxException e) {
            call.error("ERR syntax: " + e.getMessage());
        } catch (RefusedException e) {
            call.error(code(e.reason()) + " " + e.getMessage());
        }
    }

    /** What is said of a signal that the kernel has refused. */
    static String notPermitted(String signal, SignalOutcome outcome) {
        return "NOTPERMITTED the kernel refused signal '" + signal + (outcome == SignalOutcome.PARTLY_REFUSED
                ? "' for some of the processes, which belong to another user; the others have got it"
                : "': the processes belong to another user");
    }

    /** The words of RESP for the reasons of refusals. */
    private static String code(Refusal reason) {
        return switch (reason) {
            case BUSY, NO_RESOURCES -> "BUSY";
            case DENIED -> "DENIED";
            case PROGRAM_NOT_FOUND -> "NOTFOUND";
            case NOT_EXECUTABLE -> "NOTEXEC";
            case BAD_DIRECTORY -> "BADDIR";
            case ARGUMENTS_TOO_LONG -> "TOOBIG";
            case GONE -> "GONE";
            case NO_SUCH_COMMAND -> "NOJOB";
            case NOT_PERMITTED -> "NOTPERMITTED";
            case UNSUPPORTED -> "UNSUPPORTED";
            case CANCELLED, BAD_ARGUMENT, ID_REUSED, NAME_TAKEN, WRONG_STATE -> "ERR";
        };
    }
}
