package dev.heddle.net;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * How the bytes of one client travel. Its {@link ClientSocket} owns it.
 *
 * <p><b>Threading:</b> one thread reads and one writes; any thread may end the input or close it.
 */
sealed interface Transport extends Closeable permits PlainTransport, TlsTransport {
    /** Agrees with the client on what is necessary before the first byte. On the client's own thread. Blocks. */
    void establish() throws IOException;

    /**
     * Ends the output and takes some more input, until the client leaves or the socket is closed. A close with unread
     * input makes the kernel send a reset, which could destroy the last words on their way. Blocks.
     */
    static void linger(SocketChannel channel) throws IOException {
        channel.shutdownOutput();
        ByteBuffer discarded = ByteBuffer.allocate(512);
        for (long left = 64 << 10; left > 0 && channel.read(discarded) >= 0; discarded.clear()) {
            left -= discarded.position();
        }
    }

    /** What the client has proved about itself; known once the transport is established. */
    PeerIdentity identity();

    InputStream input();

    /** Writes some bytes of these parts, at least one. Blocks while the kernel takes nothing. */
    void write(ByteBuffer[] parts, int first, int count) throws IOException;

    /** Lets the reading thread see the end of the input, at once if it is blocked in a read; from any thread. */
    void shutdownInput() throws IOException;

    /** Lets the client see the end of the replies. Blocks while the kernel takes nothing. */
    void shutdownOutput() throws IOException;
}
