package dev.heddle.cli.local;

/** The exit codes of {@code heddle} other than those of a remote command. */
public final class ExitCodes {
    public static final int OK = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;
    /** The server ended the remote command because its time was up, as {@code timeout(1)} does. */
    public static final int TIMED_OUT = 124;
    /** The server refused to run the command; the code is that of {@code env(1)} and its relatives. */
    public static final int REFUSED = 125;
    /** The remote program cannot be executed; shells use this code too. */
    public static final int NOT_EXECUTABLE = 126;
    /** The remote program does not exist; shells use this code too. */
    public static final int NOT_FOUND = 127;
    /** The base of the code of a command that a signal killed: shells too add the signal's number. */
    public static final int SIGNALED = 128;
    /** The reader of stdout has left; SIGPIPE would end a local program with this code. */
    public static final int BROKEN_PIPE = SIGNALED + 13;
    /** The connection could not be made, or failed, as with {@code ssh(1)}. */
    public static final int CONNECTION = 255;

    private ExitCodes() {}
}
