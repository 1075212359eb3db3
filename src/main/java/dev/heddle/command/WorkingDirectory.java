package dev.heddle.command;

import java.util.Objects;

/**
 * Where a program starts.
 *
 * @param path     its bytes, as {@code chdir(2)} takes them; relative to the server's own directory
 * @param linkFree whether somebody has resolved the path, and judged what it is by then: the program starts where
 *                 these very names lead, and not at all when one of them has become a link since. The path is absolute
 *                 and has no {@code .} and {@code ..}
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
