package dev.heddle.process.jdk;

import dev.heddle.command.RefusedException;
import dev.heddle.command.Refusal;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Finds a program as {@code execvp(3)} would in the child, and says what is wrong when it cannot be run. */
final class ProgramLookup {
    private static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

    private ProgramLookup() {}

    /** Where setsid(1) is, or null on a system without it. */
    static String setsid() {
        for (String directory : DEFAULT_PATH.split(":")) {
            Path candidate = Path.of(directory, "setsid");
            if (Files.isExecutable(candidate)) {
                return candidate.toString();
            }
        }
        return null;
    }

    /**
     * Looks a program up.
     *
     * @param program   its name; with a slash, a path that is relative to the child's directory
     * @param searchPath the child's own PATH, or null for the usual one
     * @param directory the child's directory, or null for the server's own
     * @return the path to execute
     */
    static String resolve(String program, String searchPath, File directory) throws RefusedException {
        Path base = directory == null ? Path.of("").toAbsolutePath() : existing(directory);
        if (program.isEmpty()) {
            throw new RefusedException(Refusal.PROGRAM_NOT_FOUND, "the program's name is empty");
        }
        try {
            return program.indexOf('/') >= 0 ? checked(program, base) : search(program, searchPath, base);
        } catch (InvalidPathException e) {
            throw new RefusedException(Refusal.PROGRAM_NOT_FOUND, "program '" + program + "' not found", e);
        }
    }

    private static Path existing(File directory) throws RefusedException {
        if (!directory.exists()) {
            throw new RefusedException(Refusal.BAD_DIRECTORY, "directory '" + directory + "' not found");
        }
        if (!directory.isDirectory()) {
            throw new RefusedException(Refusal.BAD_DIRECTORY, "'" + directory + "' is not a directory");
        }
        if (!directory.canExecute()) {
            throw new RefusedException(Refusal.BAD_DIRECTORY, "directory '" + directory + "' may not be entered");
        }
        return directory.toPath().toAbsolutePath();
    }

    private static String checked(String program, Path base) throws RefusedException {
        Path file = base.resolve(program);
        if (!Files.exists(file)) {
            throw RefusedException.noProgram(program, "");
        }
        if (!runnable(file)) {
            throw new RefusedException(Refusal.NOT_EXECUTABLE, "'" + program + "' is not an executable file");
        }
        return program;
    }

    private static String search(String program, String searchPath, Path base) throws RefusedException {
        boolean seen = false;
        for (String directory : (searchPath == null ? DEFAULT_PATH : searchPath).split(":", -1)) {
            Path file = base.resolve(directory).resolve(program); // an empty entry is the current directory
            if (runnable(file)) {
                return file.toString();
            }
            seen |= Files.isRegularFile(file);
        }
        if (seen) {
            throw new RefusedException(Refusal.NOT_EXECUTABLE, "program '" + program + "' is not executable");
        }
        throw RefusedException.noProgram(program, " on the command's PATH");
    }

    private static boolean runnable(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }
}
