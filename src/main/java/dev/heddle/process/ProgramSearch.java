package dev.heddle.process;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;

/**
 * Finds a program as {@code execvp(3)} would in the child: on the child's PATH and from the child's directory, to which
 * paths may be relative. Names of files are bytes: a char of the strings here is one byte.
 */
public final class ProgramSearch {
    private static final String PATH_NAME = "PATH=";
    private static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

    /** What a path leads to. */
    public enum Target {
        NOTHING,
        /** Something that is no regular file, or that this server may not look at. */
        NO_FILE,
        /** A regular file that this server may not execute. */
        NOT_EXECUTABLE,
        PROGRAM
    }

    private ProgramSearch() {}

    /** Finds the program; {@code look} tells what a path leads to. The result does not begin with a dash. */
    public static byte[] find(ProcessSpec spec, Function<byte[], Target> look) throws RefusedException {
        String program = string(spec.argv().getFirst());
        if (program.isEmpty()) {
            throw new RefusedException(Refusal.PROGRAM_NOT_FOUND, "the program's name is empty");
        }
        String path = program.contains("/") ? checked(program, look)
                : searched(program, searchPath(spec.environment()), look);
        return bytes(path.startsWith("-") ? "./" + path : path);
    }

    private static String checked(String program, Function<byte[], Target> look) throws RefusedException {
        return switch (look.apply(bytes(program))) {
            case PROGRAM -> program;
            case NOTHING -> throw RefusedException.noProgram(shown(program), "");
            case NO_FILE, NOT_EXECUTABLE -> throw new RefusedException(Refusal.NOT_EXECUTABLE,
                    "'" + shown(program) + "' is not an executable file");
        };
    }

    private static String searched(String program, String searchPath, Function<byte[], Target> look)
            throws RefusedException {
        boolean seen = false;
        for (String entry : searchPath.split(":", -1)) {
            String directory = entry.isEmpty() ? "." : entry;
            String candidate = directory + (directory.endsWith("/") ? "" : "/") + program;
            switch (look.apply(bytes(candidate))) {
                case PROGRAM -> {
                    return candidate;
                }
                case NOT_EXECUTABLE -> seen = true;
                case NOTHING, NO_FILE -> { /* look on */ }
            }
        }
        if (seen) {
            throw new RefusedException(Refusal.NOT_EXECUTABLE, "program '" + shown(program) + "' is not executable");
        }
        throw RefusedException.noProgram(shown(program), " on the command's PATH");
    }

    private static String searchPath(List<byte[]> environment) {
        return environment.stream().map(ProgramSearch::string).filter(entry -> entry.startsWith(PATH_NAME))
                .map(entry -> entry.substring(PATH_NAME.length())).findFirst().orElse(DEFAULT_PATH);
    }

    private static String string(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(String string) {
        return string.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** For people; bytes that are no UTF-8 are shown as well as can be. */
    private static String shown(String string) {
        return new String(bytes(string), StandardCharsets.UTF_8);
    }
}
