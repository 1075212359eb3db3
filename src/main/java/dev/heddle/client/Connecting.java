package dev.heddle.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.time.Duration;

import jdk.net.ExtendedSocketOptions;

/** Opens a TCP connection to the first address of a name that answers. */
public final class Connecting {
    private Connecting() {}

    /**
     * Connects. Blocks for at most the time-out for each address of the name; an interrupt ends that with a
     * {@link java.nio.channels.ClosedByInterruptException}, and the interrupt status stays set.
     *
     * @param port    1 to 65,535
     * @param timeout 1 ms to 24 days
     * @return a socket that the caller closes
     * @throws UnknownHostException when there is no such name
     * @throws IOException when no address answers; the reason is that of the first
     */
    public static Socket open(String host, int port, Duration timeout) throws IOException {
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            throw (UnknownHostException) new UnknownHostException("unknown host " + host).initCause(e);
        }
        int timeoutMillis = Math.toIntExact(timeout.toMillis());
        IOException failure = null;
        for (InetAddress address : addresses) {
            InetSocketAddress target = new InetSocketAddress(address, port);
            // Unlike that of new Socket(), a channel's connect can be interrupted on platform threads too.
            Socket socket = SocketChannel.open().socket();
            try {
                socket.connect(target, timeoutMillis);
                socket.setTcpNoDelay(true);
                keepAlive(socket);
                return socket;
            } catch (IOException e) {
                socket.close();
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        throw failure;
    }

    /** Lets a server that vanished without a word be noticed within about a minute, see tcp(7). */
    private static void keepAlive(Socket socket) throws IOException {
        socket.setKeepAlive(true);
        if (socket.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
            socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 30);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 10);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
        }
    }
}
