package dev.heddle.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

import javax.net.ssl.SSLEngine;

import jdk.net.ExtendedSocketOptions;

/**
 * A TCP port.
 *
 * @param tls           makes the server's side of TLS for each client; empty for plain bytes
 * @param handshakeTime how long a client may take for the handshake
 */
public record TcpListenSocket(ServerSocketChannel channel, Optional<Supplier<SSLEngine>> tls, Duration handshakeTime)
        implements ListenSocket {
    /**
     * Connections that the kernel holds until they are accepted; it takes at most net.core.somaxconn, 4,096 by default.
     * When the backlog is full, some of those that come at once are reset after a second, although they believed to be
     * connected.
     */
    static final int BACKLOG = 4096;
    private static final int KEEPALIVE_IDLE_SECONDS = 30;
    private static final int KEEPALIVE_INTERVAL_SECONDS = 10;
    private static final int KEEPALIVE_COUNT = 3;

    public static TcpListenSocket bind(InetSocketAddress address, Optional<Supplier<SSLEngine>> tls,
                                       Duration handshakeTime) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(address, BACKLOG);
            return new TcpListenSocket(channel, tls, handshakeTime);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** The port in use, which the system may have chosen. */
    public int port() throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    @Override
    public boolean isPlain() {
        return tls.isEmpty();
    }

    @Override
    public ClientSocket receive(SocketChannel accepted, Protocol protocol) throws IOException {
        tune(accepted);
        return tls.isPresent()
                ? ClientSocket.tls(accepted, tls.get(), protocol.words(Dismissal.PLAINTEXT), handshakeTime)
                : ClientSocket.tcp(accepted);
    }

    /**
     * Sets a socket up: no delay for small replies, and a keepalive short enough to find a peer that vanished
     * silently within about a minute, see {@code tcp(7)}.
     */
    private static void tune(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        if (channel.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
            channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEPALIVE_IDLE_SECONDS);
            channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEPALIVE_INTERVAL_SECONDS);
            channel.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEPALIVE_COUNT);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
