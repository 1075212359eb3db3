package dev.heddle.cli.local;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads this process's stdin as bytes. Reading blocks while there is nothing to read, also when another program has
 * made stdin non-blocking; a failure is reported as a {@link LocalStreamException}.
 *
 * <p><b>Threading:</b> one thread reads. It must not be interrupted: that closes stdin.
 */
public final class StandardInput extends InputStream {
    private static final int DESCRIPTOR = 0;

    private final FileChannel channel = new FileInputStream(FileDescriptor.in).getChannel();

    private StandardInput() {}

    /** Tells whether a person may be typing. */
    public static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/0")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return System.console() != null; // no procfs: the best that Java knows
        }
    }

    /** Returns stdin without a buffer, for large reads. */
    public static InputStream bare() {
        return new StandardInput();
    }

    /** Returns stdin with a buffer, for small reads. */
    public static InputStream open() {
        return new BufferedInputStream(new StandardInput());
    }

    @Override
    public int read() throws LocalStreamException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws LocalStreamException {
        ByteBuffer target = ByteBuffer.wrap(bytes, offset, length);
        try {
            int count = channel.read(target);
            while (count == 0 && length > 0) { // it is non-blocking: a FileInputStream would throw
                Readiness.awaitReadable(DESCRIPTOR);
                count = channel.read(target);
            }
            return count;
        } catch (IOException e) {
            throw new LocalStreamException("stdin", e, false);
        }
    }
}
