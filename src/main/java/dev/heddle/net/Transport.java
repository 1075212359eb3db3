package dev.heddle.net;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * How the bytes of one client travel. One thread reads and one writes; any thread may end the input or close it.
 * Its {@link ClientSocket} owns it.
 */
sealed interface Transport extends Closeable permits PlainTransport, TlsTransport {
    /** What has to be agreed on before the first byte; on the client's own thread. Blocks. */
    void establish() throws IOException;

    /**
     * What was said last has to arrive before the kernel finds unread input at the close, and sends a reset: takes
     * some more of it, until the client leaves or the socket is closed. Blocks.
     */
    static void linger(SocketChannel channel) throws IOException {
        channel.shutdownOutput();
        ByteBuffer discarded = ByteBuffer.allocate(512);
        for (long left = 64 << 10; left > 0 && channel.read(discarded) >= 0; discarded.clear()) {
            left -= discarded.position();
        }
    }

    /** What the client has proved; known once the transport is established. */
    PeerIdentity identity();

    InputStream input();

    /** Writes some of them, at least one byte. Blocks while the kernel takes nothing. */
    void write(ByteBuffer[] parts, int first, int count) throws IOException;

    /** Writes some of it, at least one byte. Blocks while the kernel takes nothing. */
    void write(ByteBuffer part) throws IOException;

    /** Lets the reading thread see the end of the input, now if it is blocked in a read; from any thread. */
    void shutdownInput() throws IOException;

    /** Lets the client see the end of the replies. Blocks while the kernel takes nothing. */
    void shutdownOutput() throws IOException;
}
