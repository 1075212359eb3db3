package dev.heddle.face.resp;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.command.SignalOutcome;
import dev.heddle.net.Dismissal;

/** The error replies for what other packages refuse: a code, a blank, and what is wrong. */
final class ErrorTexts {
    private ErrorTexts() {}

    /** Nothing was run. A client who has written a shell line in the place of a program reads where that belongs. */
    static String of(RefusedException refusal) {
        return code(refusal.reason()) + " " + refusal.getMessage()
                + (refusal.isShellLine() ? "; shell lines go to SH, or 'heddle sh'" : "");
    }

    /** The client is disconnected. */
    static String of(Dismissal why) {
        String code = switch (why.reason()) {
            case FULL, STOPPING, NO_THREAD, ADDRESS_FULL -> "BUSY";
            case NO_LOGIN, SLOW, IDLE, PLAINTEXT -> "ERR";
            case NOT_ALLOWED -> "DENIED";
        };
        return code + " " + why.text();
    }

    /** The kernel has refused a signal; also the text of a push. */
    static String notPermitted(String signal, SignalOutcome outcome) {
        return "NOTPERMITTED the kernel refused signal '" + signal + (outcome == SignalOutcome.PARTLY_REFUSED
                ? "' for some of the processes, which belong to another user; the others have got it"
                : "': the processes belong to another user");
    }

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
