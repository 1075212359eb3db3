package dev.heddle.server;

import dev.heddle.net.ClientSocket;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import jdk.net.ExtendedSocketOptions;

/**
 * A Unix-domain socket, for the server's own user, for root, who could become that user anyway, and for those
 * allowed by name. The kernel says who a client is: SO_PEERCRED in {@code unix(7)}.
 *
 * @param timeToLeave for those that are not let in
 */
record UnixDoor(UnixSocketFile file, Set<String> users, Duration timeToLeave) implements Door {
    private static final String ROOT = "root";

    /** @param allowed users besides the server's own */
    static UnixDoor open(Path path, List<String> allowed, Duration timeToLeave) throws IOException {
        UnixSocketFile file = UnixSocketFile.bind(path, !allowed.isEmpty());
        Set<String> users = new HashSet<>(allowed);
        users.add(file.owner());
        users.add(ROOT);
        return new UnixDoor(file, Set.copyOf(users), timeToLeave);
    }

    @Override
    public ServerSocketChannel channel() {
        return file.channel();
    }

    @Override
    public ListenAddress address() {
        return new ListenAddress(ListenAddress.Scheme.RESP_UNIX, "", 0, Optional.of(file.path()));
    }

    @Override
    public boolean isPlain() {
        return true;
    }

    @Override
    public ClientSocket receive(SocketChannel accepted) throws IOException {
        String user = accepted.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
        return users.contains(user) ? ClientSocket.unix(accepted, user, file.path())
                : ClientSocket.denied(accepted, user, file.path(), "user '" + user + "' may not use this socket;"
                        + " the server lets in whom its option --allow-user names", timeToLeave);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
