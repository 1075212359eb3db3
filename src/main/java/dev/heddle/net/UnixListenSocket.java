package dev.heddle.net;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import jdk.net.ExtendedSocketOptions;

/**
 * A Unix-domain socket. It lets in the server's own user, root, who could become that user anyway, and the users
 * allowed by name. The kernel says who a client is: SO_PEERCRED in {@code unix(7)}.
 */
public record UnixListenSocket(UnixSocketFile file, Set<String> users, Duration timeToLeave) implements ListenSocket {
    private static final String ROOT = "root";

    /**
     * Binds the socket, see {@link UnixSocketFile#bind}.
     *
     * @param allowed     users besides the server's own
     * @param timeToLeave of clients that are not let in
     * @throws IOException when the path cannot be used; the message names it
     */
    public static UnixListenSocket bind(Path path, List<String> allowed, Duration timeToLeave) throws IOException {
        UnixSocketFile file = UnixSocketFile.bind(path, !allowed.isEmpty());
        Set<String> users = new HashSet<>(allowed);
        users.addAll(List.of(file.owner(), ROOT));
        return new UnixListenSocket(file, Set.copyOf(users), timeToLeave);
    }

    @Override
    public ServerSocketChannel channel() {
        return file.channel();
    }

    @Override
    public boolean isPlain() {
        return true;
    }

    @Override
    public ClientSocket receive(SocketChannel accepted, Protocol protocol) throws IOException {
        String user = accepted.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
        if (users.contains(user)) {
            return ClientSocket.unix(accepted, user, file.path());
        }
        Dismissal why = Dismissal.notAllowed(user);
        return ClientSocket.denied(accepted, user, file.path(),
                new PlainTransport.Denial(why.text(), protocol.words(why)), timeToLeave);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
