package dev.heddle.server;

import dev.heddle.net.ClientSocket;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A bound socket: how clients come in there, and who. Its {@link Listener} owns it. */
sealed interface Door extends Closeable permits TcpDoor, UnixDoor {
    /** Where clients are accepted. Closed with the door, by any thread. */
    ServerSocketChannel channel();

    /** The address in use, with the port that the system chose. */
    ListenAddress address();

    /** Whether a client can be told something in plain bytes, before anything is agreed on. */
    boolean isPlain();

    /**
     * Takes in a client that was accepted. Does not wait for it; whether it may stay is told when it is established.
     *
     * @throws IOException when it has left
     */
    ClientSocket receive(SocketChannel accepted) throws IOException;
}
