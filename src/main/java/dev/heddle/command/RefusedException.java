package dev.heddle.command;

/**
 * Nothing was run, or nothing was done to a running command. The request is at fault, or, for {@link Refusal#BUSY} and
 * {@link Refusal#NO_RESOURCES}, the state of the server or its host. The message is one line meant for the client.
 */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Refusal reason;

    public RefusedException(Refusal reason, String message) {
        super(message);
        this.reason = reason;
    }

    public RefusedException(Refusal reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public static RefusedException busy(String message) {
        return new RefusedException(Refusal.BUSY, message);
    }

    public static RefusedException cancelled() {
        return new RefusedException(Refusal.CANCELLED, "cancelled before the start");
    }

    /** Tells that there is no such program, where it was looked for, and where a shell line instead belongs. */
    public static RefusedException noProgram(String name, String where) {
        return new RefusedException(Refusal.PROGRAM_NOT_FOUND, "program '" + name + "' not found" + where
                + (name.indexOf(' ') < 0 ? "" : "; shell lines go to SH, or 'heddle sh'"));
    }

    public static RefusedException tooLong() {
        return new RefusedException(Refusal.ARGUMENTS_TOO_LONG, "the argument list is too long");
    }

    public static RefusedException badDirectory(String message) {
        return new RefusedException(Refusal.BAD_DIRECTORY, message);
    }

    public static RefusedException hostIsFull(Throwable cause) {
        return new RefusedException(Refusal.NO_RESOURCES, "the host cannot start another process now", cause);
    }

    public Refusal reason() {
        return reason;
    }

    /** A copy with the stack of the calling thread, for a refusal that another thread has met. */
    public RefusedException again() {
        return new RefusedException(reason, getMessage(), this);
    }
}
