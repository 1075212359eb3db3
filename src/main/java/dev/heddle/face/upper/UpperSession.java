package dev.heddle.face.upper;

import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;

import java.io.IOException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One upper:// client: one thread that reads, answers, and waits while the client does not read. */
final class UpperSession implements ClientSession {
    private static final Logger LOG = LoggerFactory.getLogger(UpperSession.class);
    private static final int CHUNK_BYTES = 1024;

    private final ClientSocket socket;
    private final byte[] greeting;
    private final UpperCase text = new UpperCase();

    UpperSession(ClientSocket socket, byte[] greeting) {
        this.socket = socket;
        this.greeting = greeting;
    }

    @Override
    public void run() {
        try {
            if (greeting.length > 0) {
                socket.output().write(greeting);
            }
            byte[] chunk = new byte[CHUNK_BYTES];
            int n;
            while ((n = socket.input().read(chunk)) >= 0) {
                socket.output().write(text.next(chunk, n));
            }
            socket.output().write(text.rest());
        } catch (IOException e) {
            LOG.debug("{} has gone: {}", socket.peer(), e.getMessage());
        }
    }

    /** Never: an answer takes no time, and a client that does not read it is the write timeout's business. */
    @Override
    public boolean isBusy() {
        return false;
    }

    @Override
    public void expire(String error) {
        socket.close();
    }

    @Override
    public void finish() {
        socket.close();
    }

    @Override
    public void cancel() {
        socket.close();
    }

    @Override
    public void abort() {
        socket.close();
    }
}
