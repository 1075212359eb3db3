package dev.heddle.process;

import dev.heddle.command.WorkingDirectory;

import java.util.List;
import java.util.Objects;

/**
 * What to start: everything that {@code execve(2)} takes, as bytes, because that is what the kernel passes on.
 *
 * @param argv        program and arguments, at least one word, no word with a NUL byte; a program without a
 *                    slash is looked up on the PATH of {@code environment}
 * @param directory   where it starts, or null for the server's own directory
 * @param environment the whole environment as {@code NAME=value} entries; nothing else is inherited
 * @param stdin       true for a pipe, false for {@code /dev/null}
 * @param mergeStderr true to let stderr write into stdout's pipe
 */
public record ProcessSpec(List<byte[]> argv, WorkingDirectory directory, List<byte[]> environment, boolean stdin,
                          boolean mergeStderr) {
    public ProcessSpec {
        argv = List.copyOf(argv);
        environment = List.copyOf(environment);
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("argv is empty");
        }
        argv.forEach(Objects::requireNonNull);
    }
}
