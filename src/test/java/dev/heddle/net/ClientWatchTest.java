package dev.heddle.net;

import dev.heddle.testing.Await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;

import org.junit.jupiter.api.Test;

class ClientWatchTest {
    /** As when its reading thread hangs in the write of an answer to a change of TLS keys. */
    private static final class HeldUpSession implements ClientSession {
        @Override
        public void run() {}

        @Override
        public void finish() {}

        @Override
        public void cancel() {}

        @Override
        public void abort() {}

        @Override
        public boolean isBusy() {
            return false;
        }

        @Override
        public void expire(String error) {}
    }

    @Test
    void aStrangerWhoCannotBeToldThatItIsTooLateIsDisconnected() throws Exception {
        Patience patience = Patience.DEFAULT.withLogin(Duration.ofMillis(50));
        try (ServerSocketChannel listener = ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                ClientSocket socket = ClientSocket.tcp(listener.accept());
                ClientWatch watch = new ClientWatch(Duration.ofMillis(100), patience)) {
            socket.establish();
            socket.pace().stranger(true);
            watch.add(socket, new HeldUpSession());
            Await.until("it is disconnected", socket::isClosed);
        }
    }
}
