package dev.heddle.process;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.command.ResourceLimits;
import dev.heddle.command.Stdio;
import dev.heddle.command.WorkingDirectory;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What to start: everything that {@code execve(2)} takes, as bytes, because the kernel passes bytes on.
 *
 * @param argv at least one word; a program without a slash is looked up on the PATH of {@code environment}
 * @param directory empty for the server's own directory
 * @param environment the whole environment as {@code NAME=value} entries; nothing else is inherited
 */
public record ProcessSpec(List<byte[]> argv, Optional<WorkingDirectory> directory, List<byte[]> environment,
                          Stdio stdio, ResourceLimits limits) {
    public ProcessSpec {
        argv = List.copyOf(argv);
        environment = List.copyOf(environment);
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("argv is empty");
        }
        Objects.requireNonNull(directory);
        Objects.requireNonNull(stdio);
        Objects.requireNonNull(limits);
    }

    /** The pipes to start the program with, for an engine that can do nothing else; it refuses terminals and limits. */
    public Stdio.Pipes pipesOnly() throws RefusedException {
        if (!limits.equals(ResourceLimits.NONE)) {
            throw new RefusedException(Refusal.UNSUPPORTED,
                    "this server's process engine cannot limit what a command may use");
        }
        return switch (stdio) {
            case Stdio.Pipes pipes -> pipes;
            case Stdio.Terminal terminal -> throw new RefusedException(Refusal.UNSUPPORTED,
                    "this server's process engine cannot give a command a terminal");
        };
    }
}
