package dev.heddle.process.linux.spawn;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.heddle.command.RefusedException;
import dev.heddle.command.WorkingDirectory;
import dev.heddle.process.ProgramSearch.Target;
import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.CStrings;
import dev.heddle.process.linux.ffi.FileCalls;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.StringTokenizer;

/**
 * The directory that a program starts in, held open: the child enters exactly the directory that was looked at, even if
 * its name has changed meanwhile. Opening it may hang on a dead mount: for spawn threads only.
 *
 * @param fd in the table of the calling thread, or {@code AT_FDCWD} for the server's own directory
 */
public record StartDirectory(int fd) implements AutoCloseable {
    private static final int FLAGS = Abi.O_PATH | Abi.O_DIRECTORY | Abi.O_CLOEXEC;
    private static final int STATX_AT = 2 * Abi.PATH_MAX; // in the buffer, behind the path

    public static StartDirectory open(Optional<WorkingDirectory> wanted, Buffer buffer) throws RefusedException {
        if (wanted.isEmpty()) {
            return new StartDirectory(Abi.AT_FDCWD);
        }
        WorkingDirectory directory = wanted.get();
        CStrings.requireNoNul(directory.path());
        int fd = directory.linkFree() ? walk(directory.path(), buffer)
                : openAt(Abi.AT_FDCWD, directory.path(), FLAGS, buffer);
        if (fd < 0) {
            throw failure(-fd, directory);
        }
        StartDirectory opened = new StartDirectory(fd);
        CStrings.put(new byte[] {'.'}, buffer.memory, 0);
        if (FileCalls.checkExecutable(fd, buffer.memory, buffer) != 0) {
            opened.close();
            throw failure(Abi.EACCES, directory);
        }
        return opened;
    }

    /**
     * Opens name after name, and follows no link. Unlike {@code openat2(2)} with {@code RESOLVE_NO_SYMLINKS} this works
     * on every kernel and in every container, and so needs no second way that would have to be as safe.
     */
    private static int walk(byte[] path, Buffer buffer) {
        int fd = openAt(Abi.AT_FDCWD, new byte[] {'/'}, FLAGS, buffer);
        StringTokenizer names = new StringTokenizer(new String(path, StandardCharsets.ISO_8859_1), "/");
        while (fd >= 0 && names.hasMoreTokens()) {
            byte[] name = names.nextToken().getBytes(StandardCharsets.ISO_8859_1);
            int next = openAt(fd, name, FLAGS | Abi.O_NOFOLLOW, buffer);
            FileCalls.close(fd);
            fd = next;
        }
        return fd;
    }

    private static int openAt(int directory, byte[] path, int flags, Buffer buffer) {
        if (path.length >= Abi.PATH_MAX) {
            return -Abi.ENAMETOOLONG;
        }
        CStrings.put(path, buffer.memory, 0);
        return FileCalls.openAt(directory, buffer.memory, flags, buffer);
    }

    /** What a path, which may be relative to this directory, leads to. Uses the buffer. */
    public Target look(byte[] path, Buffer buffer) {
        if (path.length >= Abi.PATH_MAX) {
            return Target.NOTHING;
        }
        CStrings.put(path, buffer.memory, 0);
        MemorySegment statx = buffer.memory.asSlice(STATX_AT, Abi.STATX_BYTES);
        int result = FileCalls.statx(fd, buffer.memory, statx, buffer);
        if (result < 0) {
            return result == -Abi.EACCES ? Target.NO_FILE : Target.NOTHING;
        }
        if ((statx.get(JAVA_SHORT, Abi.STATX_MODE_OFFSET) & Abi.S_IFMT) != Abi.S_IFREG) {
            return Target.NO_FILE;
        }
        return FileCalls.checkExecutable(fd, buffer.memory, buffer) == 0 ? Target.PROGRAM : Target.NOT_EXECUTABLE;
    }

    private static RefusedException failure(int errno, WorkingDirectory directory) {
        String text = new String(directory.path(), StandardCharsets.UTF_8);
        return switch (errno) {
            case Abi.EACCES -> RefusedException.badDirectory("directory '" + text + "' may not be entered");
            case Abi.ENOTDIR -> RefusedException.badDirectory("'" + text + "' is not a directory");
            case Abi.EMFILE, Abi.ENFILE, Abi.ENOMEM -> RefusedException.hostIsFull(null);
            default -> RefusedException.badDirectory("directory '" + text + "' not found");
        };
    }

    @Override
    public void close() {
        if (fd != Abi.AT_FDCWD) {
            FileCalls.close(fd);
        }
    }
}
