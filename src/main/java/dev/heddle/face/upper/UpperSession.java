package dev.heddle.face.upper;

import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.Dismissal;
import dev.heddle.net.StopStep;

import java.io.IOException;

/** One upper:// client. Its thread reads, answers, and waits while the client does not read. */
final class UpperSession implements ClientSession {
    private static final int CHUNK_BYTES = 1024;

    private final ClientSocket socket;
    private final byte[] greeting;
    private final UpperCase text = new UpperCase();

    UpperSession(ClientSocket socket, byte[] greeting) {
        this.socket = socket;
        this.greeting = greeting;
    }

    @Override
    public void run() throws IOException {
        if (greeting.length > 0) {
            socket.output().write(greeting);
        }
        byte[] chunk = new byte[CHUNK_BYTES];
        int n;
        while ((n = socket.input().read(chunk)) >= 0) {
            socket.output().write(text.next(chunk, n));
        }
        socket.output().write(text.rest());
    }

    /** Never: an answer takes no time, and the write timeout ends a client that does not read it. */
    @Override
    public boolean isBusy() {
        return false;
    }

    @Override
    public void dismiss(Dismissal why) {
        socket.close();
    }

    @Override
    public void end(StopStep step) {
        socket.close();
    }
}
