package dev.heddle.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A Unix-domain socket. The JDK has no read with a time-out for it, so the channel does not block, and threads wait in
 * a selector, one for each direction.
 */
final class UnixWire implements Wire {
    private final SocketChannel channel;
    private final Selector readable;
    private final Selector writable;
    private final Input input = new Input();
    private final Output output = new Output();
    private volatile int readTimeoutMillis; // 0: none

    private UnixWire(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        readable = Selector.open();
        try {
            writable = Selector.open();
        } catch (IOException e) { // out of descriptors
            readable.close();
            throw e;
        }
        channel.register(readable, SelectionKey.OP_READ);
        channel.register(writable, SelectionKey.OP_WRITE);
    }

    /** Connects at once, or waits while the server's queue is full. */
    static UnixWire open(Path socket) throws IOException {
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            return new UnixWire(channel);
        } catch (ConnectException e) {
            throw (IOException) new ConnectException("nobody listens on this socket").initCause(e);
        } catch (IOException | RuntimeException e) {
            if (channel != null) {
                channel.close();
            }
            throw e;
        }
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public void readTimeout(int millis) throws SocketException {
        if (isClosed()) {
            throw new SocketException("Socket closed");
        }
        readTimeoutMillis = millis;
    }

    @Override
    public boolean isOnThisMachine() {
        return true;
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    /** Waits until the channel is ready; with 0 ms for any time. */
    private void await(Selector selector, long millis) throws IOException {
        long deadline = System.nanoTime() + millis * 1_000_000;
        try {
            while (selector.select(millis) == 0) {
                if (Thread.currentThread().isInterrupted()) {
                    close();
                    throw new ClosedByInterruptException();
                }
                if (isClosed()) {
                    throw new AsynchronousCloseException();
                }
                // Once more: after a pause of the JVM the time is up, and what came meanwhile was not looked at.
                if (millis > 0 && System.nanoTime() - deadline >= 0) {
                    if (selector.selectNow() == 0) {
                        throw new SocketTimeoutException("Read timed out");
                    }
                    break;
                }
            }
            selector.selectedKeys().clear();
        } catch (ClosedSelectorException e) {
            throw (IOException) new AsynchronousCloseException().initCause(e);
        }
    }

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer target = ByteBuffer.wrap(bytes, offset, length);
            int count = channel.read(target);
            while (count == 0 && length > 0) {
                await(readable, readTimeoutMillis);
                count = channel.read(target);
            }
            return count;
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer source = ByteBuffer.wrap(bytes, offset, length);
            while (source.hasRemaining()) {
                if (channel.write(source) == 0) {
                    await(writable, 0);
                }
            }
        }
    }

    /** Closes the socket; the server cannot tell this from a half-close, so its command has its grace. */
    @Override
    public void breakOff() throws IOException {
        close();
    }

    /** Closes the channel first: threads that the selectors wake find it closed. */
    @Override
    public void close() throws IOException {
        channel.close();
        readable.close();
        writable.close();
    }
}
