package dev.heddle.command;

/**
 * Nothing was run, or nothing was done to a running command. The request is at fault, or, for {@link Refusal#BUSY} and
 * {@link Refusal#NO_RESOURCES}, the state of the server or its host. The message is one line meant for the client.
 */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Refusal reason;
    private final boolean shellLine;

    public RefusedException(Refusal reason, String message) {
        this(reason, message, null, false);
    }

    public RefusedException(Refusal reason, String message, Throwable cause) {
        this(reason, message, cause, false);
    }

    private RefusedException(Refusal reason, String message, Throwable cause, boolean shellLine) {
        super(message, cause);
        this.reason = reason;
        this.shellLine = shellLine;
    }

    public static RefusedException busy(String message) {
        return new RefusedException(Refusal.BUSY, message);
    }

    public static RefusedException cancelled() {
        return new RefusedException(Refusal.CANCELLED, "cancelled before the start");
    }

    /** @param where follows "not found", for example which folders were searched; may be empty */
    public static RefusedException noProgram(String name, String where) {
        return new RefusedException(Refusal.PROGRAM_NOT_FOUND, "program '" + name + "' not found" + where, null,
                name.indexOf(' ') >= 0);
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

    /** Whether a shell line seems to stand where the program's name belongs: a face tells where that goes. */
    public boolean isShellLine() {
        return shellLine;
    }

    /** A copy with the stack of the calling thread, for a refusal that another thread has met. */
    public RefusedException again() {
        return new RefusedException(reason, getMessage(), this, shellLine);
    }
}
