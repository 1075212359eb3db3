package dev.heddle.net;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/**
 * TCP and Unix-domain sockets: the bytes as they are.
 *
 * @param denial of a client that may not come in; empty when it may
 */
record PlainTransport(SocketChannel channel, InputStream input, PeerIdentity identity, Optional<Denial> denial)
        implements Transport {
    /**
     * Why a client may not come in.
     *
     * @param reason for the log
     * @param answer sent to the client
     */
    record Denial(String reason, byte[] answer) {}

    static PlainTransport tcp(SocketChannel channel) throws IOException {
        return new PlainTransport(channel, channel.socket().getInputStream(), new PeerIdentity.Unproven(),
                Optional.empty());
    }

    static PlainTransport unix(SocketChannel channel, String user, Optional<Denial> denial) {
        return new PlainTransport(channel, new ChannelInput(channel), new PeerIdentity.LocalUser(user), denial);
    }

    @Override
    public void establish() throws IOException {
        if (denial.isPresent()) {
            channel.write(ByteBuffer.wrap(denial.get().answer())); // fits the empty socket buffer
            Transport.linger(channel);
            throw new DeniedException(denial.get().reason());
        }
    }

    @Override
    public void write(ByteBuffer[] parts, int first, int count) throws IOException {
        channel.write(parts, first, count);
    }

    @Override
    public void shutdownInput() throws IOException {
        channel.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Reads a Unix-domain socket, whose channel has no stream; the JDK's adapter pins the carrier thread on 21. */
    private static final class ChannelInput extends InputStream {
        private final SocketChannel channel;

        ChannelInput(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return channel.read(ByteBuffer.wrap(bytes, offset, length));
        }
    }
}
