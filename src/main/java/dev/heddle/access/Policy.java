package dev.heddle.access;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a user may run; everything that it does not name is denied. It says which programs are started, not what these
 * do: they have all rights of the server's user.
 *
 * @param programs      which programs may be started, and how
 * @param shell         whether SH, which can do anything, is allowed
 * @param directories   absolute; a command may be started in and below these. Commands that name no directory start in
 *                      the first one; without any they start in {@code /}
 * @param environment   the names of variables that a command may be given
 * @param maxTimeout    the longest time-out, which also applies to commands that name none
 * @param maxConcurrent commands at the same time, at least 1
 */
public record Policy(List<Program> programs, boolean shell, List<Path> directories, Set<String> environment,
                     Optional<Duration> maxTimeout, OptionalInt maxConcurrent) {
    public Policy {
        programs = List.copyOf(programs);
        directories = List.copyOf(directories);
        environment = Set.copyOf(environment);
        directories.forEach(Policy::requireAbsolute);
        for (String name : environment) {
            if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                throw new IllegalArgumentException("'" + name + "' is no name of a variable");
            }
            if (DangerousVariables.contains(name)) {
                throw new IllegalArgumentException(name + " makes programs run other code, and is never allowed to a"
                        + " user with a policy");
            }
        }
        if (maxTimeout.filter(time -> time.toMillis() < 1).isPresent()) {
            throw new IllegalArgumentException("maxTimeout is more than 0");
        }
        if (maxConcurrent.orElse(1) < 1) {
            throw new IllegalArgumentException("maxConcurrent is at least 1");
        }
    }

    /**
     * A program that may be started.
     *
     * @param path      absolute; always the path that is started, so the program's name is the operator's choice too
     * @param arguments the exact arguments that must be given; empty for any
     */
    public record Program(Path path, Optional<List<String>> arguments) {
        public Program {
            requireAbsolute(path);
            if (path.getFileName() == null) {
                throw new IllegalArgumentException("'" + path + "' is no program");
            }
            arguments = arguments.map(List::copyOf);
        }
    }

    private static void requireAbsolute(Path path) {
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("'" + path + "' is no absolute path");
        }
    }
}
