package dev.heddle.net;

import dev.heddle.time.AwakeClock;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

import javax.net.ssl.SSLEngine;

/**
 * The socket of a connected client.
 *
 * <p><b>Threading:</b> one thread reads and one writes. Any thread may close it, which is the only way to end both
 * early in every thread mode; the client's own thread closes it in any case.
 */
public final class ClientSocket implements Closeable {
    private static final Duration NO_TIME = Duration.ZERO; // for what need not be established
    /**
     * The most that is written at once: more only makes the JDK copy more. A write makes progress when the kernel takes
     * a piece of this size.
     */
    private static final int WRITE_BYTES = 256 << 10;

    private final Transport transport;
    private final String peer;
    private final String local;
    private final Duration establishTime;
    private final AwakeClock clock = AwakeClock.system();
    private final long connectedNanos = clock.nanoTime();
    private final ClientActivity activity = new ClientActivity(clock);
    private final InputStream input;
    private final Output output = new Output();
    private volatile boolean established; // the client's thread sets, ClientWatch reads
    private volatile long writeSinceNanos; // 0 while no write is under way; the writer sets, ClientWatch reads
    private volatile boolean patient; // the writer sets, ClientWatch reads
    private volatile boolean closed; // the thread that closes it sets, every thread reads

    private ClientSocket(Transport transport, String peer, String local, Duration establishTime) {
        this.transport = transport;
        this.peer = peer;
        this.local = local;
        this.establishTime = establishTime;
        input = activity.of(transport.input());
    }

    static ClientSocket tcp(SocketChannel channel) throws IOException {
        return new ClientSocket(PlainTransport.tcp(channel), text((InetSocketAddress) channel.getRemoteAddress()),
                text((InetSocketAddress) channel.getLocalAddress()), NO_TIME);
    }

    /** @param establishTime how long the handshake, which begins with {@link #establish}, may take */
    static ClientSocket tls(SocketChannel channel, Supplier<SSLEngine> engines, byte[] plaintextAnswer,
                                   Duration establishTime) throws IOException {
        return new ClientSocket(new TlsTransport(channel, engines, plaintextAnswer),
                text((InetSocketAddress) channel.getRemoteAddress()),
                text((InetSocketAddress) channel.getLocalAddress()), establishTime);
    }

    /** @param user as the kernel says */
    static ClientSocket unix(SocketChannel channel, String user, Path file) {
        return new ClientSocket(PlainTransport.unix(channel, user, Optional.empty()), peer(user), local(file),
                NO_TIME);
    }

    /**
     * Makes the socket of a client that may not come in: {@link #establish} tells it so, and fails.
     *
     * @param time how long the client may take to hear that and leave
     */
    static ClientSocket denied(SocketChannel channel, String user, Path file, PlainTransport.Denial denial,
                               Duration time) {
        return new ClientSocket(PlainTransport.unix(channel, user, Optional.of(denial)), peer(user), local(file),
                time);
    }

    /** Leaves out blanks and invisible characters, because lists of clients and logs show the name. */
    private static String peer(String user) {
        return "unix:" + user.replaceAll("[\\s\\p{C}\\p{Zl}\\p{Zp}]", "_");
    }

    private static String local(Path file) {
        return "unix:" + file.toUri().getRawPath();
    }

    /** Shows an address as users write it: {@code 127.0.0.1:7379}, {@code [::1]:7379}. */
    public static String text(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        String host = ip instanceof Inet6Address ? "[" + ip.getHostAddress() + "]" : ip.getHostAddress();
        return host + ":" + address.getPort();
    }

    /**
     * Agrees with the client on what is necessary before the first byte: the handshake of TLS. For the client's own
     * thread, before anything else. Blocks, but not for longer than the time for it.
     *
     * @throws DeniedException when the client may not come in
     * @throws IOException when it has gone, or there is no agreement
     */
    public void establish() throws IOException {
        transport.establish();
        established = true;
    }

    boolean isEstablished() {
        return established;
    }

    /** Whether the time for {@link #establish} is up. */
    boolean isLate() {
        return !established && !establishTime.isZero() && clock.nanoTime() - connectedNanos > establishTime.toNanos();
    }

    public InputStream input() {
        return input;
    }

    public ClientActivity activity() {
        return activity;
    }

    /** The way to the client. It is not buffered, and every write is subject to the write timeout. */
    public Output output() {
        return output;
    }

    public String peer() {
        return peer;
    }

    public String local() {
        return local;
    }

    /** Who the client is, as far as the transport knows once it is established. */
    public PeerIdentity identity() {
        return transport.identity();
    }

    /** Whether this side has closed the socket, so that a failed read or write is no news. */
    public boolean isClosed() {
        return closed;
    }

    /**
     * Sets whether the client may leave what is sent unread for as long as it likes. A peer that has vanished is then
     * found only when the kernel gives up sending, after about a quarter of an hour: see tcp_retries2 in
     * {@code tcp(7)}.
     */
    public void patient(boolean isPatient) {
        patient = isPatient;
    }

    /** How long the kernel has not taken what is being written; zero while nothing is, or while that is allowed. */
    Duration stalled() {
        long since = writeSinceNanos;
        return since == 0 || patient ? Duration.ZERO : Duration.ofNanos(clock.nanoTime() - since);
    }

    /** Lets the reading thread see the end of the input, at once if it is blocked in a read; from any thread. */
    void shutdownInput() {
        try {
            transport.shutdownInput();
        } catch (IOException e) {
            close(); // the client has gone, which ends the input as well
        }
    }

    /** Lets the client see the end of the replies; it may still send. Subject to the write timeout. */
    public void shutdownOutput() throws IOException {
        writeSinceNanos = clock.nanoTime() | 1;
        try {
            transport.shutdownOutput();
        } finally {
            writeSinceNanos = 0;
        }
    }

    /** Throws away what the client still sends, until it sends no more or the socket is closed. Blocks. */
    public void discardInput(long maxBytes) throws IOException {
        byte[] discarded = new byte[8 * 1024];
        int n = 0;
        for (long left = maxBytes; left > 0 && n >= 0; left -= n) {
            n = transport.input().read(discarded);
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            transport.close();
        } catch (IOException e) {
            throw new IllegalStateException("closing " + peer, e); // close(2) of a socket does not fail
        }
    }

    /** Writes to the client. One thread writes at a time. */
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

        /** Writes all parts, in as few packets as possible. Blocks while the kernel takes nothing. */
        public void write(ByteBuffer... parts) throws IOException {
            try {
                int first = 0;
                while (first < parts.length) {
                    long now = clock.nanoTime() | 1;
                    writeSinceNanos = now;
                    activity.active(now);
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
            for (long bytes = 0; first + count < parts.length; count++) {
                bytes += parts[first + count].remaining();
                if (bytes > WRITE_BYTES) {
                    break;
                }
            }
            if (count > 0) {
                transport.write(parts, first, count);
            } else {
                ByteBuffer part = parts[first];
                ByteBuffer piece = part.slice(part.position(), WRITE_BYTES);
                transport.write(new ByteBuffer[] {piece}, 0, 1);
                part.position(part.position() + piece.position());
            }
        }
    }
}
