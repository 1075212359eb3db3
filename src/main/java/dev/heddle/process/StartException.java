package dev.heddle.process;

/**
 * Nothing was started. The request is at fault, or, for {@link Reason#NO_RESOURCES}, the state of the host; the
 * message is one line meant for the client.
 */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why nothing was started; the errno names are those of {@code execve(2)}. */
    public enum Reason {
        /** ENOENT: there is no such program. */
        PROGRAM_NOT_FOUND,
        /** EACCES or ENOEXEC: the program is there, but it cannot be executed. */
        NOT_EXECUTABLE,
        /** ENOENT, ENOTDIR or EACCES on the working directory. */
        BAD_DIRECTORY,
        /** E2BIG: arguments and environment are longer than the kernel takes. */
        ARGUMENTS_TOO_LONG,
        /** An argument that no program can be given, such as one with a NUL byte. */
        BAD_ARGUMENT,
        /** EAGAIN, ENOMEM or EMFILE: the host has no room for another process now. */
        NO_RESOURCES
    }

    private final Reason reason;

    public StartException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public StartException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /**
     * There is no such program. Who has written a shell line in the place of its name reads where that belongs.
     *
     * @param where behind "not found", for example which folders were searched; may be empty
     */
    public static StartException noProgram(String name, String where) {
        return new StartException(Reason.PROGRAM_NOT_FOUND, "program '" + name + "' not found" + where
                + (name.indexOf(' ') < 0 ? "" : "; shell lines go to SH, or 'heddle sh'"));
    }

    /** Arguments and environment are longer than the kernel takes. */
    public static StartException tooLong() {
        return new StartException(Reason.ARGUMENTS_TOO_LONG, "the argument list is too long");
    }

    public Reason reason() {
        return reason;
    }
}
