package dev.heddle.cli.remote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import com.sun.security.auth.module.UnixSystem;

/**
 * Finds out whose server listens on a port of this machine. While the owner's server is down, any local user can listen
 * in its place and would be handed the token; so the token goes only to a listener of the same user. See
 * {@code proc_net(5)}; systems without these files are trusted.
 */
final class ListenerOwner {
    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
    private static final int LOCAL_ADDRESS = 1; // the columns
    private static final int STATE = 3;
    private static final int UID = 7;
    private static final String LISTEN = "0A";

    private ListenerOwner() {}

    /** Tells whether every listener on the port belongs to this user. */
    static boolean isThisUser(int port) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path table : TABLES) {
            if (Files.isReadable(table)) {
                lines.addAll(Files.readAllLines(table));
            }
        }
        return lines.isEmpty() || isUser(lines, port, new UnixSystem().getUid());
    }

    /** Tells whether these lines show listeners on the port, all of which belong to the user with this number. */
    static boolean isUser(List<String> lines, int port, long uid) {
        String localPort = String.format(":%04X", port);
        List<String> owners = lines.stream().map(line -> line.strip().split("\\s+"))
                .filter(columns -> columns.length > UID && columns[STATE].equals(LISTEN)
                        && columns[LOCAL_ADDRESS].endsWith(localPort))
                .map(columns -> columns[UID]).toList();
        return !owners.isEmpty() && owners.stream().allMatch(Long.toString(uid)::equals);
    }
}
