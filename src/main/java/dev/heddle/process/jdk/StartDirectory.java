package dev.heddle.process.jdk;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.platform.FileNames;
import dev.heddle.process.ProgramSearch.Target;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * The directory that a child starts in.
 *
 * @param path absolute
 */
record StartDirectory(Path path) {
    /**
     * Looks whether a child can start there.
     *
     * @param directory null for the server's own
     */
    static StartDirectory of(File directory) throws RefusedException {
        if (directory == null) {
            return new StartDirectory(Path.of("").toAbsolutePath());
        }
        if (!directory.exists()) {
            throw new RefusedException(Refusal.BAD_DIRECTORY, "directory '" + directory + "' not found");
        }
        if (!directory.isDirectory()) {
            throw new RefusedException(Refusal.BAD_DIRECTORY, "'" + directory + "' is not a directory");
        }
        if (!directory.canExecute()) {
            throw new RefusedException(Refusal.BAD_DIRECTORY, "directory '" + directory + "' may not be entered");
        }
        return new StartDirectory(directory.toPath().toAbsolutePath());
    }

    /** What a path, which may be relative to this directory, leads to. */
    Target look(byte[] program) {
        try {
            Path file = path.resolve(FileNames.path(program));
            if (Files.isRegularFile(file)) {
                return Files.isExecutable(file) ? Target.PROGRAM : Target.NOT_EXECUTABLE;
            }
            return Files.exists(file) ? Target.NO_FILE : Target.NOTHING;
        } catch (InvalidPathException e) {
            return Target.NOTHING;
        }
    }
}
