package dev.heddle.net;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * TCP and Unix-domain sockets: the bytes as they are.
 *
 * @param denial why the client may not come in; empty when it may
 */
record PlainTransport(SocketChannel channel, InputStream input, PeerIdentity identity, Optional<String> denial)
        implements Transport {
    static PlainTransport tcp(SocketChannel channel) throws IOException {
        return new PlainTransport(channel, channel.socket().getInputStream(), new PeerIdentity.Unproven(),
                Optional.empty());
    }

    static PlainTransport unix(SocketChannel channel, String user) {
        return new PlainTransport(channel, new ChannelInput(channel), new PeerIdentity.LocalUser(user),
                Optional.empty());
    }

    static PlainTransport denied(SocketChannel channel, String user, String reason) {
        return new PlainTransport(channel, new ChannelInput(channel), new PeerIdentity.LocalUser(user),
                Optional.of(reason));
    }

    @Override
    public void establish() throws IOException {
        if (denial.isPresent()) {
            String reply = "-DENIED " + denial.get() + "\r\n";
            channel.write(ByteBuffer.wrap(reply.getBytes(StandardCharsets.UTF_8))); // fits the empty socket buffer
            Transport.linger(channel);
            throw new DeniedException(denial.get());
        }
    }

    @Override
    public void write(ByteBuffer[] parts, int first, int count) throws IOException {
        channel.write(parts, first, count);
    }

    @Override
    public void write(ByteBuffer part) throws IOException {
        channel.write(part);
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

    /** The channels of Unix-domain sockets have no stream of their own, and the JDK's adapter pins on 21. */
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
