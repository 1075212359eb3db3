package dev.heddle.cli.local;

/** How {@code heddle} ends when it is not with the exit code of a remote command. */
public final class ExitCodes {
    public static final int OK = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;
    /** The time of the remote command was up, as with {@code timeout(1)}. */
    public static final int TIMED_OUT = 124;
    /** The server refused to run the command, as with {@code env(1)} and its like. */
    public static final int REFUSED = 125;
    /** The remote program cannot be executed, as in shells. */
    public static final int NOT_EXECUTABLE = 126;
    /** There is no such remote program, as in shells. */
    public static final int NOT_FOUND = 127;
    /** Added to the number of the signal that killed the remote command, as in shells. */
    public static final int SIGNALED = 128;
    /** The reader of stdout has left, as for a program that SIGPIPE has ended. */
    public static final int BROKEN_PIPE = SIGNALED + 13;
    /** No connection, or trouble with it, as with {@code ssh(1)}. */
    public static final int CONNECTION = 255;

    private ExitCodes() {}
}
