package dev.heddle.process;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Finds a program as {@code execvp(3)} would in the child: on the child's PATH and from the child's directory. Works
 * on bytes, because names of files are bytes.
 */
public final class ProgramSearch {
    private static final byte[] PATH_NAME = "PATH=".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CURRENT = {'.'};

    /** What a path leads to. */
    public enum Target {
        NOTHING,
        /** Something that is no regular file, or that this server may not look at. */
        NO_FILE,
        /** A regular file that this server may not execute. */
        NOT_EXECUTABLE,
        PROGRAM
    }

    private ProgramSearch() {}

    /**
     * Finds the program of the spec. Blocks for as long as {@code look} does.
     *
     * @param look what a path leads to, which may be relative to the child's directory
     * @return the path to execute, which may be relative to the child's directory and does not begin with a dash
     */
    public static byte[] find(ProcessSpec spec, Function<byte[], Target> look) throws RefusedException {
        byte[] program = spec.argv().getFirst();
        if (program.length == 0) {
            throw new RefusedException(Refusal.PROGRAM_NOT_FOUND, "the program's name is empty");
        }
        byte[] path = indexOf(program, '/', 0) >= 0 ? checked(program, look)
                : searched(program, entries(searchPath(spec.environment())), look);
        return path[0] == '-' ? join(CURRENT, path) : path;
    }

    private static byte[] checked(byte[] program, Function<byte[], Target> look) throws RefusedException {
        return switch (look.apply(program)) {
            case PROGRAM -> program;
            case NOTHING -> throw RefusedException.noProgram(text(program), "");
            case NO_FILE, NOT_EXECUTABLE -> throw new RefusedException(Refusal.NOT_EXECUTABLE,
                    "'" + text(program) + "' is not an executable file");
        };
    }

    private static byte[] searched(byte[] program, List<byte[]> directories, Function<byte[], Target> look)
            throws RefusedException {
        boolean seen = false;
        for (byte[] directory : directories) {
            byte[] candidate = join(directory, program);
            switch (look.apply(candidate)) {
                case PROGRAM -> {
                    return candidate;
                }
                case NOT_EXECUTABLE -> seen = true;
                case NOTHING, NO_FILE -> { /* look on */ }
            }
        }
        if (seen) {
            throw new RefusedException(Refusal.NOT_EXECUTABLE, "program '" + text(program) + "' is not executable");
        }
        throw RefusedException.noProgram(text(program), " on the command's PATH");
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
            entries.add(entry.length == 0 ? CURRENT : entry);
            start = colon + 1;
        } while (colon >= 0);
        return entries;
    }

    private static byte[] join(byte[] directory, byte[] name) {
        ByteArrayOutputStream path = new ByteArrayOutputStream(directory.length + 1 + name.length);
        path.writeBytes(directory);
        if (directory[directory.length - 1] != '/') {
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

    /** For people; bytes that are no UTF-8 are shown as well as can be. */
    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
