package dev.heddle.net;

import dev.heddle.testing.Await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;

class ClientWatchTest {
    /** As when its reading thread hangs in the write of an answer to a change of TLS keys. */
    private static class HeldUpSession implements ClientSession {
        @Override
        public void run() {}

        @Override
        public void end(StopStep step) {}

        @Override
        public boolean isBusy() {
            return false;
        }

        @Override
        public void dismiss(Dismissal why) {}
    }

    /** As when memory was short for a moment. */
    private static final class FailingSession extends HeldUpSession {
        private final AtomicBoolean failed = new AtomicBoolean();

        @Override
        public void dismiss(Dismissal why) {
            if (failed.compareAndSet(false, true)) {
                throw new OutOfMemoryError("not really");
            }
        }
    }

    @Test
    void aStrangerWhoCannotBeToldThatItIsTooLateIsDisconnected() throws Exception {
        assertDisconnects(new HeldUpSession());
    }

    /** Otherwise nobody would be held to any time limit from then on. */
    @Test
    void afterAnErrorItGoesOn() throws Exception {
        assertDisconnects(new FailingSession());
    }

    private static void assertDisconnects(ClientSession session) throws Exception {
        ClientTimeouts timeouts = ClientTimeouts.DEFAULT.withLogin(Duration.ofMillis(50));
        try (ServerSocketChannel listener = ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                ClientSocket socket = ClientSocket.tcp(listener.accept());
                ClientWatch watch = new ClientWatch(List.of(new ClientRegistry.Client(1, socket, session)),
                        Duration.ofMillis(100), timeouts)) {
            socket.establish();
            socket.activity().stranger(true);
            Await.until("it is disconnected", socket::isClosed);
        }
    }
}
