package dev.heddle.access;

import dev.heddle.platform.OpenFile;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

import com.sun.security.auth.module.UnixSystem;

/** Reads files that decide who may do what, and refuses those that other users could read or change. */
final class OwnedFile {
    private static final int GROUP_OR_OTHERS = 0077;
    private static final int GROUP_OR_OTHERS_WRITE = 0022;
    private static final int ROOT = 0;

    private OwnedFile() {}

    /** Reads a file; refuses one that another user than this process's can read or change. */
    static byte[] readSecret(Path path, int maxBytes) throws IOException {
        return read(path, maxBytes, GROUP_OR_OTHERS, "chmod 600", false);
    }

    /** Reads a file; refuses one that another user than this process's, or root, can change. */
    static byte[] readOwn(Path path, int maxBytes) throws IOException {
        return read(path, maxBytes, GROUP_OR_OTHERS_WRITE, "chmod go-w", true);
    }

    /** Refuses a directory that another user than this process's, or root, can change. */
    static void requireOwnDirectory(Path path) throws IOException {
        requireNamed(path, GROUP_OR_OTHERS_WRITE, "chmod go-w", true);
    }

    private static byte[] read(Path path, int maxBytes, int forbidden, String cure, boolean rootMayOwn)
            throws IOException {
        try (OpenFile file = OpenFile.open(path)) {
            require(path, file.owner(), file.mode(), forbidden, cure, rootMayOwn);
            return file.read(maxBytes);
        } catch (AccessDeniedException e) {
            requireNamed(path, forbidden, cure, rootMayOwn); // the owner says more
            throw e;
        }
    }

    private static void requireNamed(Path path, int forbidden, String cure, boolean rootMayOwn) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(path, "unix:uid,mode");
        require(path, (Integer) attributes.get("uid"), (Integer) attributes.get("mode"), forbidden, cure, rootMayOwn);
    }

    /** Returns what was wrong with a file, for people: the JDK's own message is often only the file's name. */
    static String reason(IOException e) {
        return switch (e) {
            case AccessDeniedException denied -> "permission denied";
            case NoSuchFileException missing -> "no such file or directory";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            case IOException other -> String.valueOf(other.getMessage());
        };
    }

    private static void require(Path file, int owner, int mode, int forbidden, String cure, boolean rootMayOwn)
            throws UnsafeFileException {
        if (owner != new UnixSystem().getUid() && !(rootMayOwn && owner == ROOT)) {
            throw new UnsafeFileException(file + " belongs to another user (uid " + owner + "): here it must be that of"
                    + " the user who runs this (uid " + new UnixSystem().getUid() + ")");
        }
        if ((mode & forbidden) != 0) {
            throw new UnsafeFileException(file + " is open to other users: " + cure + " " + ShellWord.quote(
                    file.toString()));
        }
    }
}
