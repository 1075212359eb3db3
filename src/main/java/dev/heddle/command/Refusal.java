package dev.heddle.command;

import java.util.Locale;

/** Why a command, or what a caller asks of one, is refused. Each face has its own words for these reasons. */
public enum Refusal {
    /** A limit of the server or of the user is reached. Nobody is at fault; the caller may try again. */
    BUSY,
    /** The user's policy does not allow it. */
    DENIED,
    /** ENOENT: there is no such program; see {@code execve(2)} for this and the next errno names. */
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
    NO_RESOURCES,
    /** The command was cancelled before its program was started: its client left, or the server stopped. */
    CANCELLED,
    /** The request's ID was used for another request. */
    ID_REUSED,
    /** The request's ID is known, but what was run under it has been dropped. */
    GONE,
    /** A running command of the user has the name already. */
    NAME_TAKEN,
    /** The caller has no command of this ID or name. */
    NO_SUCH_COMMAND,
    /** The state of the command does not allow what is asked, as for input after its end. */
    WRONG_STATE,
    /** The kernel refused it, as for a signal to a process of another user. */
    NOT_PERMITTED,
    /** This host or this engine cannot do it. */
    UNSUPPORTED;

    /** The reason in lower case, as in {@code program_not_found}; metrics, {@code INFO} and the audit log show it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
