package dev.heddle.net;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
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

    /**
     * Written at once: more only makes the JDK copy more. And a write makes progress when the kernel takes a piece
     * of this size.
     */
    private static final int WRITE_BYTES = 256 << 10;

    private final SocketChannel channel;
    private final String peer;
    private final String local;
    private final Pace pace = new Pace();
    private final InputStream input;
    private final Output output = new Output();
    private volatile long writeSinceNanos; // 0 while no write is under way; the writer sets, ClientWatch reads
    private volatile boolean patient; // the writer sets, ClientWatch reads
    private volatile boolean closed;

    /**
     * Sets the socket up: no delay for small replies, and a keepalive short enough to find a peer that
     * vanished without a word within about a minute, see {@code tcp(7)}.
     */
    public ClientSocket(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        keepalive(channel);
        peer = text((InetSocketAddress) channel.getRemoteAddress());
        local = text((InetSocketAddress) channel.getLocalAddress());
        input = pace.of(channel.socket().getInputStream());
    }

    private static void keepalive(SocketChannel channel) throws IOException {
        if (channel.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
            channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEPALIVE_IDLE_SECONDS);
            channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEPALIVE_INTERVAL_SECONDS);
            channel.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEPALIVE_COUNT);
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

    /** What the client's time limits are measured by. */
    public Pace pace() {
        return pace;
    }

    /** Every write to it is subject to the write timeout. It is not buffered. */
    public Output output() {
        return output;
    }

    public String peer() {
        return peer;
    }

    public String local() {
        return local;
    }

    /** Who the client is, as far as the transport knows. */
    public PeerIdentity identity() {
        return new PeerIdentity.Unproven();
    }

    /** Whether this side has closed the socket: then a failed read or write is nobody's fault. */
    public boolean isClosed() {
        return closed;
    }

    /**
     * Whether the client may leave what is sent unread for as long as it likes. A peer that has vanished is still
     * found, but only when the kernel gives up sending, after about a quarter of an hour: see tcp_retries2 in
     * {@code tcp(7)}.
     */
    public void patient(boolean isPatient) {
        patient = isPatient;
    }

    /** For how long the kernel has not taken what is being written; zero while nothing is, or while it may. */
    Duration stalled() {
        long since = writeSinceNanos;
        return since == 0 || patient ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
    }

    /** Lets the reading thread see the end of the input, now if it is blocked in a read; from any thread. */
    void shutdownInput() {
        try {
            channel.shutdownInput();
        } catch (IOException e) {
            close(); // the client has gone, which ends the input as well
        }
    }

    /** Lets the client see the end of the replies; it may still send. */
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
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
            channel.close();
        } catch (IOException e) {
            throw new IllegalStateException("closing " + peer, e); // close(2) of a socket does not fail
        }
    }

    /** The client's side of the replies. One thread writes at a time. */
    public final class Output extends OutputStream {
        private Output() {}

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            write(ByteBuffer.wrap(bytes, offset, length));
        }

        /** Writes all of them, in as few packets as possible. Blocks while the kernel takes nothing. */
        public void write(ByteBuffer... parts) throws IOException {
            try {
                int first = 0;
                while (first < parts.length) {
                    long now = System.nanoTime() | 1;
                    writeSinceNanos = now;
                    pace.active(now);
                    writeSome(parts, first);
                    while (first < parts.length && !parts[first].hasRemaining()) {
                        first++;
                    }
                }
            } finally {
                writeSinceNanos = 0;
            }
        }

        private void writeSome(ByteBuffer[] parts, int first) throws IOException {
            int count = 0;
            for (int bytes = 0; first + count < parts.length; count++) {
                bytes += parts[first + count].remaining();
                if (bytes > WRITE_BYTES) {
                    break;
                }
            }
            if (count > 0) {
                channel.write(parts, first, count);
            } else {
                ByteBuffer part = parts[first];
                int written = channel.write(part.slice(part.position(), WRITE_BYTES));
                part.position(part.position() + written);
            }
        }
    }
}
