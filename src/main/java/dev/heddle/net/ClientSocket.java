package dev.heddle.net;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;

/**
 * A connected client. One thread reads and one writes; any thread may close it, which is the only way to end
 * both early in every thread mode. The session's thread closes it at last.
 */
public final class ClientSocket implements Closeable {
    private static final int KEEPALIVE_IDLE_SECONDS = 30;
    private static final int KEEPALIVE_INTERVAL_SECONDS = 10;
    private static final int KEEPALIVE_COUNT = 3;
    /** A write makes progress when the kernel takes a piece of this size. */
    private static final int WRITE_BYTES = 64 * 1024;

    private final Socket socket;
    private final String peer;
    private final String local;
    private final InputStream input;
    private final OutputStream output;
    private volatile long writeSinceNanos; // 0 while no write is under way; the writer sets, StallWatch reads
    private volatile boolean closed;

    /**
     * Sets the socket up: no delay for small replies, and a keepalive short enough to find a peer that
     * vanished without a word within about a minute, see {@code tcp(7)}.
     */
    public ClientSocket(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        keepalive(socket);
        peer = text((InetSocketAddress) socket.getRemoteSocketAddress());
        local = text((InetSocketAddress) socket.getLocalSocketAddress());
        input = socket.getInputStream();
        output = new TimedOutput(socket.getOutputStream());
    }

    private static void keepalive(Socket socket) throws IOException {
        if (socket.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
            socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEPALIVE_IDLE_SECONDS);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEPALIVE_INTERVAL_SECONDS);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEPALIVE_COUNT);
        }
    }

    /** An address as users write it: {@code 127.0.0.1:7379}, {@code [::1]:7379}. */
    public static String text(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        String host = ip instanceof Inet6Address ? "[" + ip.getHostAddress() + "]" : ip.getHostAddress();
        return host + ":" + address.getPort();
    }

    public InputStream input() {
        return input;
    }

    /** Every write to it is subject to the write timeout. It is not buffered. */
    public OutputStream output() {
        return output;
    }

    public String peer() {
        return peer;
    }

    public String local() {
        return local;
    }

    /** Whether this side has closed the socket: then a failed read or write is nobody's fault. */
    public boolean isClosed() {
        return closed;
    }

    /** For how long the kernel has not taken what is being written; zero while nothing is. */
    Duration stalled() {
        long since = writeSinceNanos;
        return since == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
    }

    /** Lets the reading thread see the end of the input, now if it is blocked in a read; from any thread. */
    void shutdownInput() {
        try {
            if (!socket.isInputShutdown()) {
                socket.shutdownInput();
            }
        } catch (IOException e) {
            close(); // the client has gone, which ends the input as well
        }
    }

    /** Lets the client see the end of the replies; it may still send. */
    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /**
     * Throws away what the client still sends, until it sends no more or the socket is closed. Blocks.
     *
     * @param maxBytes the most that is taken
     */
    public void discardInput(long maxBytes) throws IOException {
        byte[] discarded = new byte[8 * 1024];
        long left = maxBytes;
        int n = 0;
        while (left > 0 && n >= 0) {
            n = input.read(discarded);
            left -= n;
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("closing " + peer, e); // close(2) of a socket does not fail
        }
    }

    private final class TimedOutput extends OutputStream {
        private final OutputStream out;

        TimedOutput(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                for (int done = 0; done < length; ) {
                    int n = Math.min(WRITE_BYTES, length - done);
                    writeSinceNanos = System.nanoTime() | 1;
                    out.write(bytes, offset + done, n);
                    done += n;
                }
            } finally {
                writeSinceNanos = 0;
            }
        }
    }
}
