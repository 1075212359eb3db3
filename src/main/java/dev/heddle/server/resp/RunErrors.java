package dev.heddle.server.resp;

import dev.heddle.access.DeniedException;
import dev.heddle.exec.BusyException;
import dev.heddle.job.RequestIdException;
import dev.heddle.process.SignalOutcome;
import dev.heddle.process.StartException;

import java.io.IOException;

/** Turns what keeps a command from running into the error reply for it: a code, a blank, and what is wrong. */
final class RunErrors {
    /** Starts something and answers, or throws. */
    interface Attempt {
        void run() throws RunOptions.SyntaxException, DeniedException, StartException, BusyException,
                RequestIdException, IOException, InterruptedException;
    }

    private RunErrors() {}

    /** Makes the attempt. If it fails because of the request, or for lack of means, that is the answer. */
    static void answer(Call call, Attempt attempt) throws IOException, InterruptedException {
        try {
            attempt.run();
        } catch (RunOptions.SyntaxException e) {
            call.error("ERR syntax: " + e.getMessage());
        } catch (DeniedException e) {
            call.error("DENIED " + e.getMessage());
        } catch (StartException e) {
            call.error(code(e.reason()) + " " + e.getMessage());
        } catch (BusyException e) {
            call.error("BUSY " + e.getMessage());
        } catch (RequestIdException e) {
            call.error(code(e.reason()) + " " + e.getMessage());
        }
    }

    /** What is said of a signal that the kernel has refused. */
    static String notPermitted(String signal, SignalOutcome outcome) {
        return "NOTPERMITTED the kernel refused signal '" + signal + (outcome == SignalOutcome.PARTLY_REFUSED
                ? "' for some of the processes, which belong to another user; the others have got it"
                : "': the processes belong to another user");
    }

    private static String code(StartException.Reason reason) {
        return switch (reason) {
            case PROGRAM_NOT_FOUND -> "NOTFOUND";
            case NOT_EXECUTABLE -> "NOTEXEC";
            case BAD_DIRECTORY -> "BADDIR";
            case ARGUMENTS_TOO_LONG -> "TOOBIG";
            case BAD_ARGUMENT -> "ERR";
            case NO_RESOURCES -> "BUSY";
        };
    }

    private static String code(RequestIdException.Reason reason) {
        return switch (reason) {
            case OTHER_REQUEST -> "ERR";
            case GONE -> "GONE";
        };
    }
}
