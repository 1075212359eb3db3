package dev.heddle.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * This process's stdout and stderr, as bytes, without a buffer. Unlike {@code System.out}, they report what
 * goes wrong: by a {@link LocalStreamException}. Writing blocks while their reader does not read.
 */
final class StandardOutput extends OutputStream {
    static final OutputStream OUT = new StandardOutput("stdout", FileDescriptor.out);
    static final OutputStream ERR = new StandardOutput("stderr", FileDescriptor.err);

    private final String name;
    private final FileOutputStream file;

    private StandardOutput(String name, FileDescriptor descriptor) {
        this.name = name;
        file = new FileOutputStream(descriptor);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            file.write(bytes, offset, length);
        } catch (IOException e) {
            throw new LocalStreamException(name, e);
        }
    }
}
