package dev.heddle.process.linux.spawn;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.process.ProcessSpec;
import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.CStrings;
import dev.heddle.process.linux.ffi.FileCalls;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds a program as {@code execvp(3)} would in the child: on the child's PATH and from the child's
 * directory. Works on bytes, because names of files are bytes. Looking may hang on a dead mount: for spawn
 * threads only.
 */
public final class ProgramSearch {
    private static final byte[] PATH_NAME = "PATH=".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DEFAULT_PATH =
            "/usr/local/bin:/usr/bin:/bin".getBytes(StandardCharsets.US_ASCII);
    private static final int STATX_AT = 2 * Abi.PATH_MAX; // in the buffer, behind the path

    private final StartDirectory directory;
    private final Buffer buffer;

    private ProgramSearch(StartDirectory directory, Buffer buffer) {
        this.directory = directory;
        this.buffer = buffer;
    }

    /** The path to execute, which may be relative to the child's directory. */
    public static byte[] find(ProcessSpec spec, StartDirectory directory, Buffer buffer) throws RefusedException {
        ProgramSearch search = new ProgramSearch(directory, buffer);
        byte[] program = spec.argv().get(0);
        if (program.length == 0) {
            throw new RefusedException(Refusal.PROGRAM_NOT_FOUND, "the program's name is empty");
        }
        return indexOf(program, '/', 0) >= 0 ? search.checked(program)
                : search.searched(program, searchPath(spec.environment()));
    }

    /** Whether the file that was found is there still. */
    static boolean exists(byte[] path, StartDirectory directory, Buffer buffer) {
        return new ProgramSearch(directory, buffer).type(path) >= 0;
    }

    private byte[] checked(byte[] program) throws RefusedException {
        String text = text(program);
        int type = type(program);
        if (type < 0 && type != -Abi.EACCES) {
            throw RefusedException.noProgram(text, "");
        }
        if (type != Abi.S_IFREG || !mayExecute()) {
            throw new RefusedException(Refusal.NOT_EXECUTABLE, "'" + text + "' is not an executable file");
        }
        return program;
    }

    private byte[] searched(byte[] program, byte[] path) throws RefusedException {
        boolean seen = false;
        for (byte[] entry : entries(path)) {
            byte[] candidate = join(entry, program);
            if (type(candidate) == Abi.S_IFREG) {
                if (mayExecute()) {
                    return candidate;
                }
                seen = true;
            }
        }
        if (seen) {
            throw new RefusedException(Refusal.NOT_EXECUTABLE,
                    "program '" + text(program) + "' is not executable");
        }
        throw RefusedException.noProgram(text(program), " on the command's PATH");
    }

    /**
     * The file's type as the child will see it, from its own directory, or a negative errno. Leaves the path in the
     * buffer for {@link #mayExecute}.
     */
    private int type(byte[] path) {
        if (path.length >= Abi.PATH_MAX) {
            return -Abi.ENAMETOOLONG;
        }
        CStrings.put(path, buffer.memory, 0);
        MemorySegment statx = buffer.memory.asSlice(STATX_AT, Abi.STATX_BYTES);
        int result = FileCalls.statx(directory.fd(), buffer.memory, statx, buffer);
        return result < 0 ? result : statx.get(JAVA_SHORT, Abi.STATX_MODE_OFFSET) & Abi.S_IFMT;
    }

    private boolean mayExecute() {
        return FileCalls.checkExecutable(directory.fd(), buffer.memory, buffer) == 0;
    }

    private static byte[] searchPath(List<byte[]> environment) {
        for (byte[] entry : environment) {
            if (entry.length >= PATH_NAME.length
                    && Arrays.equals(entry, 0, PATH_NAME.length, PATH_NAME, 0, PATH_NAME.length)) {
                return Arrays.copyOfRange(entry, PATH_NAME.length, entry.length);
            }
        }
        return DEFAULT_PATH;
    }

    private static List<byte[]> entries(byte[] path) {
        List<byte[]> entries = new ArrayList<>();
        int start = 0;
        int colon;
        do {
            colon = indexOf(path, ':', start);
            byte[] entry = Arrays.copyOfRange(path, start, colon < 0 ? path.length : colon);
            entries.add(entry.length == 0 ? new byte[] {'.'} : entry); // empty: the current directory
            start = colon + 1;
        } while (colon >= 0);
        return entries;
    }

    private static byte[] join(byte[] directory, byte[] name) {
        ByteArrayOutputStream path = new ByteArrayOutputStream(directory.length + 1 + name.length);
        path.writeBytes(directory);
        if (directory.length > 0 && directory[directory.length - 1] != '/') {
            path.write('/');
        }
        path.writeBytes(name);
        return path.toByteArray();
    }

    private static int indexOf(byte[] bytes, char wanted, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    /** For people; what is no UTF-8 is shown as best as can be. */
    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
