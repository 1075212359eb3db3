package dev.heddle.net;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

import javax.security.auth.x500.X500Principal;

/**
 * TLS over TCP: an engine of the JDK between blocking reads and blocking writes. An SSLSocket will not do: under TLS
 * 1.2 it answers the end of its input by ending its output, but a server that stops ends the input of clients whose
 * replies are still to come; and its close may wait for a write that another thread is blocked in.
 *
 * <p>A client that leaves without a close_notify has not ended its input: the connection may have been cut on the way.
 * That is an error, as a reset is. With TLS 1.2 a client cannot end its input alone: RFC 5246, 7.2.1.
 */
final class TlsTransport implements Transport {
    /** Many connections are idle, and each keeps this: enough for the usual request. */
    private static final int IDLE_BYTES = 512;
    private static final byte HANDSHAKE_RECORD = 22; // RFC 8446, 5.1
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private final Supplier<SSLEngine> engines;
    private final byte[] plaintextAnswer;
    private final Input input = new Input();
    private final ReentrantLock writing = new ReentrantLock();
    private SSLEngine engine; // establish sets it, before the second thread starts
    private PeerIdentity identity = new PeerIdentity.Unproven(); // establish sets it, too
    private ByteBuffer received = NOTHING; // of the reader: records that are not unwrapped yet
    private ByteBuffer plain = NOTHING; // of the reader: what is not taken yet
    private boolean busy; // of the reader: the last read left no room, the client has more to say
    private volatile boolean inputShut; // shutdownInput sets it, the reader reads it

    /** @param engines asked once, on the thread that establishes */
    TlsTransport(SocketChannel channel, Supplier<SSLEngine> engines, byte[] plaintextAnswer) {
        this.channel = channel;
        this.engines = engines;
        this.plaintextAnswer = plaintextAnswer;
    }

    @Override
    public void establish() throws IOException {
        engine = engines.get();
        if (!fill()) {
            throw new EOFException("the server stops");
        }
        if (received.get(received.position()) != HANDSHAKE_RECORD) {
            channel.write(ByteBuffer.wrap(plaintextAnswer)); // fits the empty socket buffer
            Transport.linger(channel);
            throw new SSLException("the client does not speak TLS");
        }
        engine.beginHandshake();
        try {
            shakeHands();
        } catch (SSLException e) {
            tell(e);
            Transport.linger(channel);
            throw e;
        }
        identity = provenIdentity();
    }

    private void shakeHands() throws IOException {
        HandshakeStatus status = engine.getHandshakeStatus();
        while (status != HandshakeStatus.NOT_HANDSHAKING) {
            switch (status) {
                case NEED_TASK -> engine.getDelegatedTask().run();
                case NEED_WRAP -> send();
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (!unwrap()) {
                        throw new EOFException("the client left during the TLS handshake");
                    }
                }
                case FINISHED, NOT_HANDSHAKING -> { } // the engine never says so here
            }
            status = engine.getHandshakeStatus();
        }
    }

    private PeerIdentity provenIdentity() {
        try {
            return engine.getSession().getPeerPrincipal() instanceof X500Principal subject
                    ? new PeerIdentity.Certificate(subject.getName(X500Principal.RFC2253))
                    : new PeerIdentity.Unproven();
        } catch (SSLPeerUnverifiedException e) {
            return new PeerIdentity.Unproven(); // it has shown no certificate, and need not
        }
    }

    @Override
    public PeerIdentity identity() {
        return identity;
    }

    @Override
    public InputStream input() {
        return input;
    }

    /** The client's requests. Belongs to the reading thread. */
    private final class Input extends InputStream {
        private boolean ended;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                while (!plain.hasRemaining() && length > 0) {
                    if (ended || !unwrap()) {
                        ended = true;
                        return -1;
                    }
                    answer();
                }
            } catch (SSLException e) {
                tell(e);
                throw e;
            }
            int count = Math.min(length, plain.remaining());
            plain.get(bytes, offset, count);
            return count;
        }

        @Override
        public int available() {
            return plain.remaining();
        }
    }

    /** Takes one record, and waits for it if necessary. False at the end of the input. */
    private boolean unwrap() throws IOException {
        while (received.hasRemaining() || fill()) {
            plain.clear();
            Status status = engine.unwrap(received, plain).getStatus();
            plain.flip();
            switch (status) {
                case OK -> {
                    return true;
                }
                case BUFFER_OVERFLOW ->
                        plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).limit(0);
                case BUFFER_UNDERFLOW -> {
                    if (!fill()) {
                        return false;
                    }
                }
                case CLOSED -> {
                    return false;
                }
            }
        }
        return false;
    }

    /** Reads once, behind the bytes that are there. False when this side has ended the input. */
    private boolean fill() throws IOException {
        if (received.hasRemaining()) {
            int recordBytes = engine.getSession().getPacketBufferSize();
            received = received.capacity() < recordBytes
                    ? ByteBuffer.allocate(recordBytes).put(received) : received.compact();
        } else if (busy) {
            received.clear();
        } else {
            received = received.capacity() == IDLE_BYTES ? received.clear() : ByteBuffer.allocate(IDLE_BYTES);
            plain = NOTHING;
        }
        int count = channel.read(received);
        busy = !received.hasRemaining();
        received.flip();
        if (count < 0 && !inputShut) {
            throw new SSLException("the client left without a close_notify");
        }
        return count >= 0;
    }

    /**
     * Answers a client that has changed its keys and asks this side to change its own. If the other thread is writing,
     * the answer goes out with what it writes next, as RFC 8446, 4.6.3, allows.
     */
    private void answer() throws IOException {
        switch (engine.getHandshakeStatus()) {
            case NOT_HANDSHAKING, FINISHED -> { }
            case NEED_WRAP -> trySend();
            case NEED_TASK, NEED_UNWRAP, NEED_UNWRAP_AGAIN ->
                    throw new SSLException("the client wants to renegotiate, which only costs");
        }
    }

    /** Sends the alert that says what was wrong, if there is one and the other thread does not write. */
    private void tell(SSLException wrong) {
        try {
            trySend();
        } catch (IOException e) {
            wrong.addSuppressed(e);
        }
    }

    private void trySend() throws IOException {
        if (writing.tryLock()) {
            try {
                send();
            } finally {
                writing.unlock();
            }
        }
    }

    /** Sends what the engine itself has to say. Under the lock, or during the handshake. */
    private void send() throws IOException {
        int recordBytes = engine.getSession().getPacketBufferSize();
        try (TlsRecords records = TlsRecords.borrow(recordBytes)) {
            SSLEngineResult result;
            do {
                result = engine.wrap(NOTHING, records.bytes());
            } while (result.getStatus() == Status.OK && result.bytesProduced() > 0
                    && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                    && records.bytes().remaining() >= recordBytes);
            flush(records.bytes());
        }
    }

    @Override
    public void write(ByteBuffer[] parts, int first, int count) throws IOException {
        int end = first + count;
        int recordBytes = engine.getSession().getPacketBufferSize();
        writing.lock();
        try (TlsRecords records = TlsRecords.borrow(recordBytes)) {
            Status status = Status.OK;
            for (int next = first; status == Status.OK && records.bytes().remaining() >= recordBytes; ) {
                while (next < end && !parts[next].hasRemaining()) {
                    next++;
                }
                if (next == end) {
                    break;
                }
                status = engine.wrap(parts, next, end - next, records.bytes()).getStatus();
            }
            flush(records.bytes());
            if (status == Status.CLOSED) {
                throw new SSLException("the TLS connection has been ended");
            }
        } finally {
            writing.unlock();
        }
    }

    private void flush(ByteBuffer records) throws IOException {
        records.flip();
        while (records.hasRemaining()) {
            channel.write(records);
        }
    }

    /** Does not tell the engine, which under TLS 1.2 would end the output as well. */
    @Override
    public void shutdownInput() throws IOException {
        inputShut = true;
        channel.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        writing.lock();
        try {
            engine.closeOutbound();
            send();
            channel.shutdownOutput();
        } finally {
            writing.unlock();
        }
    }

    /** Sends no close_notify, which might block: {@link #shutdownOutput} has sent it. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
