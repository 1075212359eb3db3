package dev.heddle.server;

import dev.heddle.net.ClientSocket;
import dev.heddle.tls.ServerTls;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;

/**
 * A TCP port.
 *
 * @param tls           what clients have to speak; empty for plain bytes
 * @param handshakeTime how long they may take for it
 */
record TcpDoor(ServerSocketChannel channel, ListenAddress address, Optional<ServerTls> tls, Duration handshakeTime)
        implements Door {
    /**
     * Of connections that are not accepted yet; the kernel takes at most net.core.somaxconn, 4,096 by default. When it
     * is full some of those that come at once are reset after a second, although they believed to be connected.
     */
    static final int BACKLOG = 4096;

    /** @param resolved the address, looked up */
    static TcpDoor open(ListenAddress address, InetSocketAddress resolved, Optional<ServerTls> tls,
                        Duration handshakeTime) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(resolved, BACKLOG);
            int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
            return new TcpDoor(channel, new ListenAddress(address.scheme(), address.host(), port), tls,
                    handshakeTime);
        } catch (IOException e) {
            channel.close();
            throw new IOException("cannot listen on " + address + ": " + e.getMessage()
                    + (e instanceof BindException ? "; give another with --listen" : ""), e);
        }
    }

    @Override
    public boolean isPlain() {
        return tls.isEmpty();
    }

    @Override
    public ClientSocket receive(SocketChannel accepted) throws IOException {
        return tls.isPresent() ? ClientSocket.tls(accepted, tls.get()::engine, handshakeTime)
                : ClientSocket.tcp(accepted);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
