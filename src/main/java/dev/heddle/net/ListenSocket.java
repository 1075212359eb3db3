package dev.heddle.net;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A bound socket that clients connect to. Its {@link Listener} owns it. */
public sealed interface ListenSocket extends Closeable permits TcpListenSocket, UnixListenSocket {
    /** Where clients are accepted. Closed with this socket, by any thread. */
    ServerSocketChannel channel();

    /** Whether a client can be told something in plain bytes, before anything is agreed on. */
    boolean isPlain();

    /**
     * Makes the socket of a client that was accepted. Does not block: {@link ClientSocket#establish} tells later
     * whether the client may stay.
     *
     * @param protocol has the words for clients that may not
     * @throws IOException when the client has left
     */
    ClientSocket receive(SocketChannel accepted, Protocol protocol) throws IOException;
}
