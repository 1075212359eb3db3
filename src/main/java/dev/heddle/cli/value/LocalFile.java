package dev.heddle.cli.value;

import dev.heddle.platform.FileNames;
import dev.heddle.platform.Invocation;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

import picocli.CommandLine.TypeConversionException;

/** Reads the name of a file of this machine. */
public final class LocalFile {
    private LocalFile() {}

    public static Path parse(String name) {
        try {
            return FileNames.path(name);
        } catch (InvalidPathException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    /** Returns the file that a variable names, with an exception for an impossible name; empty without the variable. */
    public static Optional<Path> ofVariable(String variable) throws IOException {
        try {
            return Optional.ofNullable(Invocation.environment().get(variable)).filter(name -> !name.isEmpty())
                    .map(FileNames::path);
        } catch (InvalidPathException e) {
            throw new IOException(variable + ": " + e.getMessage(), e);
        }
    }
}
