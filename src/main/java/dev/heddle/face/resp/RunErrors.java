package dev.heddle.face.resp;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.command.SignalOutcome;

/** Turns what keeps a command from running into the error reply for it: a code, a blank, and what is wrong. */
final class RunErrors {
    private RunErrors() {}

    /** The whole error reply for a refusal. */
    static String reply(RefusedException refusal) {
        return code(refusal.reason()) + " " + refusal.getMessage();
    }

    /** The error reply, or the text of a push, for a signal that the kernel has refused. */
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
