package dev.heddle.command;

import java.util.Objects;

/**
 * Where a program starts, as {@code chdir(2)} takes it; relative to the server's own directory.
 *
 * @param linkFree whether somebody has resolved the path, which is absolute and has no {@code .} and {@code ..}, and
 *     judged it by that: the program does not start when one of its names has become a link since
 */
public record WorkingDirectory(byte[] path, boolean linkFree) {
    public WorkingDirectory {
        Objects.requireNonNull(path);
    }

    /** A path that is followed wherever it leads. */
    public static WorkingDirectory of(byte[] path) {
        return new WorkingDirectory(path, false);
    }
}
