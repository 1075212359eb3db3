package dev.heddle.platform;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Refuses paths that are not regular files before they are opened: opening a FIFO waits for its other side. */
public final class RegularFile {
    private RegularFile() {}

    /**
     * Accepts a regular file, and a path that cannot be looked at, such as that of a missing file: opening it tells the
     * reason. Links count as what they lead to, unless the options forbid that.
     */
    public static void require(Path path, LinkOption... options) throws FileSystemException {
        BasicFileAttributes found;
        try {
            found = Files.readAttributes(path, BasicFileAttributes.class, options);
        } catch (IOException e) {
            return;
        }
        if (!found.isRegularFile()) {
            throw new FileSystemException(path.toString(), null, "it is not a regular file");
        }
    }
}
