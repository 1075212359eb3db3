package dev.heddle.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;

/** This process's stdout and stderr, as bytes. Unlike {@code System.out}, they report what goes wrong. */
final class StandardOutput {
    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);
    private static final FileOutputStream ERR = new FileOutputStream(FileDescriptor.err);

    private StandardOutput() {}

    /** Writes to stdout; blocks while its reader does not read. */
    static void out(byte[] bytes) throws IOException {
        OUT.write(bytes);
    }

    /** Writes to stderr; blocks while its reader does not read. */
    static void err(byte[] bytes) throws IOException {
        ERR.write(bytes);
    }
}
