package dev.heddle.server;

import dev.heddle.net.ListenSocket;
import dev.heddle.net.TcpListenSocket;
import dev.heddle.net.UnixListenSocket;
import dev.heddle.server.ListenAddress.Transport;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * A bound address.
 *
 * @param address with the port that is in use, which the system may have chosen
 */
record Listening(ListenAddress address, ListenSocket socket) {
    /**
     * Binds an address. May block while the system looks up its host.
     *
     * @throws UnsafeStartException when strangers could run commands there
     * @throws IOException when the address cannot be used; the message names it
     */
    static Listening on(ListenAddress address, ServerConfig config) throws IOException, UnsafeStartException {
        ServerConfig.Transports transports = config.transports();
        Duration time = transports.handshakeTime();
        if (address.file().isPresent()) {
            return new Listening(address, UnixListenSocket.bind(address.file().get(), transports.localUsers(), time));
        }
        InetSocketAddress resolved = address.resolve();
        StartRules.requireSafe(address, resolved, config.security());
        try {
            TcpListenSocket socket = TcpListenSocket.bind(resolved, address.transport() == Transport.TLS
                    ? transports.tls().map(tls -> tls::engine) : Optional.empty(), time);
            return new Listening(new ListenAddress(address.scheme(), address.host(), socket.port()), socket);
        } catch (IOException e) {
            throw new IOException("cannot listen on " + address + ": " + e.getMessage()
                    + (e instanceof BindException ? "; give another with --listen" : ""), e);
        }
    }
}
