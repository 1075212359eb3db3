package dev.heddle.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketException;
import java.time.Duration;

/**
 * The transport of a {@link ServerConnection}.
 *
 * <p><b>Threading:</b> one thread reads, and one at a time writes. Any thread closes, which ends both at once with an
 * {@link IOException}; so does an interrupt, which closes the wire too.
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
     * Sets how long a read waits from now on, before it throws a {@link java.net.SocketTimeoutException}; bytes read
     * before are not lost.
     *
     * @param millis 0 for ever
     * @throws SocketException when it is closed
     */
    void readTimeout(int millis) throws SocketException;

    boolean isOnThisMachine();

    boolean isClosed();

    /**
     * Closes the wire so that the server does not wait for the command under way, where the transport can tell it.
     * Never blocks.
     */
    void breakOff() throws IOException;
}
