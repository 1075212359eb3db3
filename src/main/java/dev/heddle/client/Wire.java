package dev.heddle.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketException;
import java.time.Duration;

/**
 * What a {@link ServerConnection} goes over. One thread reads and one at a time writes; any thread closes, which ends both
 * at once with an {@link IOException}. So does an interrupt, and closes it.
 */
interface Wire extends Closeable {
    /** Connects; see {@link HeddleClient#connect(ServerAddress, Duration)}. */
    static Wire open(ServerAddress address, Duration timeout) throws IOException {
        return switch (address) {
            case ServerAddress.Tcp(String host, int port) -> SocketWire.tcp(Connecting.open(host, port, timeout));
            case ServerAddress.Tls tls ->
                    SocketWire.tls(Connecting.open(tls.host(), tls.port(), timeout), tls, timeout);
            case ServerAddress.Unix unix -> UnixWire.open(unix.socket());
        };
    }

    InputStream input();

    OutputStream output();

    /**
     * How long a read waits from now on, before it throws a {@link java.net.SocketTimeoutException}; what was read
     * before is not lost.
     *
     * @param millis 0 for ever
     * @throws SocketException when it is closed
     */
    void readTimeout(int millis) throws SocketException;

    /** Whether the other end is a process of this machine. */
    boolean isOnThisMachine();

    boolean isClosed();

    /**
     * Closes it so that the server does not wait for the command under way, where the transport can say so. Never
     * blocks.
     */
    void breakOff() throws IOException;
}
