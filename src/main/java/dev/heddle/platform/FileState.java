package dev.heddle.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What tells one state of a file from the next, without reading it; its mode and owner too, which may be why it was
 * refused.
 *
 * @param attributes none while the file cannot be looked at: a state as well, and who reads it says what is wrong
 */
public record FileState(Map<String, Object> attributes) {
    /** Of a file that cannot be looked at, or of none. */
    public static final FileState NONE = new FileState(Map.of());

    private static final String TOLD_BY = "unix:dev,ino,size,lastModifiedTime,ctime,mode,uid,gid";

    /** Looks at a file, or at what a link leads to. Blocks for as long as the file system does. */
    public static FileState of(Path path) {
        try {
            return new FileState(Files.readAttributes(path, TOLD_BY));
        } catch (IOException e) {
            return NONE;
        }
    }
}
