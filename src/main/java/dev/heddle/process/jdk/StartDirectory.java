package dev.heddle.process.jdk;

import dev.heddle.command.RefusedException;
import dev.heddle.platform.FileNames;
import dev.heddle.process.ProgramSearch.Target;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The directory that a child starts in, by its absolute path. */
record StartDirectory(Path path) {
    /** Looks whether a child can start there; null is the server's own directory. */
    static StartDirectory of(File directory) throws RefusedException {
        if (directory == null) {
            return new StartDirectory(Path.of("").toAbsolutePath());
        }
        if (!directory.exists()) {
            throw RefusedException.badDirectory("directory '" + directory + "' not found");
        }
        if (!directory.isDirectory()) {
            throw RefusedException.badDirectory("'" + directory + "' is not a directory");
        }
        if (!directory.canExecute()) {
            throw RefusedException.badDirectory("directory '" + directory + "' may not be entered");
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
