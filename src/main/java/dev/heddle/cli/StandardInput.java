package dev.heddle.cli;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** This process's stdin, as bytes. */
final class StandardInput {
    private StandardInput() {}

    /** Whether a person may be typing. */
    static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/0")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return System.console() != null; // no procfs: the best that Java knows
        }
    }

    /**
     * Without a buffer, for large reads. Reads into a part of an array, and only these, report what goes wrong by a
     * {@link LocalStreamException}.
     */
    static InputStream bare() {
        return new FileInputStream(FileDescriptor.in) {
            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                try {
                    return super.read(bytes, offset, length);
                } catch (IOException e) {
                    throw new LocalStreamException("stdin", e);
                }
            }
        };
    }

    /** Buffered, because readNBytes of a bare FileInputStream on JDK 21 seeks, which a pipe cannot. */
    static InputStream open() {
        return new BufferedInputStream(new FileInputStream(FileDescriptor.in));
    }
}
