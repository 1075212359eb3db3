package dev.heddle.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Tells one state of a file from the next without reading it; without attributes, it cannot be looked at. Mode and
 * owner are part of it, because they may be the reason why a file was refused.
 */
public record FileState(Map<String, Object> attributes) {
    public static final FileState NONE = new FileState(Map.of());

    private static final String TOLD_BY = "unix:dev,ino,size,lastModifiedTime,ctime,mode,uid,gid";

    /** Looks at a file, or at the target of a link. Blocks for as long as the file system does. */
    public static FileState of(Path path) {
        try {
            return new FileState(Files.readAttributes(path, TOLD_BY));
        } catch (IOException e) {
            return NONE;
        }
    }
}
