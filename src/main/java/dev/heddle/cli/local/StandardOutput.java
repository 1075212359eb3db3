package dev.heddle.cli.local;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;

/**
 * Writes this process's stdout and stderr as bytes, without a buffer. Unlike {@code System.out}, it reports failures,
 * as a {@link LocalStreamException}. Writing blocks while the reader does not read, also when another program has made
 * the stream non-blocking.
 *
 * <p><b>Threading:</b> any thread may write, except one that may be interrupted: an interrupt closes the stream.
 */
public final class StandardOutput extends OutputStream {
    public static final StandardOutput OUT = new StandardOutput("stdout", 1, FileDescriptor.out, System.out.charset());
    public static final StandardOutput ERR = new StandardOutput("stderr", 2, FileDescriptor.err, System.err.charset());

    /** Stderr for output that is not worth failing for: bytes that cannot be written are dropped, as ssh(1) does. */
    public static final OutputStream LOSSY_ERR = new OutputStream() {
        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            try {
                ERR.write(bytes, offset, length);
            } catch (LocalStreamException e) {
                return; // there is no other place to say it
            }
        }
    };

    private final String name;
    private final int number;
    private final FileChannel channel;
    private final Charset charset; // of text

    private StandardOutput(String name, int number, FileDescriptor descriptor, Charset charset) {
        this.name = name;
        this.number = number;
        this.charset = charset;
        channel = new FileOutputStream(descriptor).getChannel();
    }

    @Override
    public void write(int b) throws LocalStreamException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws LocalStreamException {
        ByteBuffer source = ByteBuffer.wrap(bytes, offset, length);
        try {
            while (source.hasRemaining()) {
                if (channel.write(source) == 0) { // it is non-blocking; a FileOutputStream would lose count, and throw
                    Readiness.awaitWritable(number);
                }
            }
        } catch (IOException e) {
            throw new LocalStreamException(name, e, isReaderGone(e));
        }
    }

    /** The exception's text alone does not tell: it is the C library's, in the user's language. */
    private boolean isReaderGone(IOException e) {
        if ("Broken pipe".equals(e.getMessage())) {
            return true;
        }
        try {
            return Readiness.isReaderGone(number);
        } catch (IOException unknown) {
            e.addSuppressed(unknown);
            return false;
        }
    }

    /** Writes text in the locale's encoding, as {@code System.out} does. */
    public void print(String text) throws LocalStreamException {
        byte[] bytes = text.getBytes(charset);
        write(bytes, 0, bytes.length);
    }

    /** Writes one line to stderr, if that can be written. */
    public static void complain(String message) {
        try {
            ERR.print(message.replace('\n', ' ') + "\n");
        } catch (LocalStreamException e) {
            return; // the exit code still tells of the failure
        }
    }
}
