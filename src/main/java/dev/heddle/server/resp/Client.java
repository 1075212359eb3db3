package dev.heddle.server.resp;

import dev.heddle.exec.Origin;
import dev.heddle.net.ClientSocket;
import dev.heddle.resp.RespVersion;

/**
 * What the server knows of one client. Only the thread that executes the client's commands writes to it; any
 * thread may read, for {@code CLIENT LIST}.
 */
final class Client {
    private final long id;
    private final ClientSocket socket;
    private final long connectedNanos = System.nanoTime();
    private final boolean trusted;
    private volatile RespVersion version = RespVersion.RESP2;
    private volatile boolean authenticated;
    private volatile boolean streamed;
    private volatile String name = "";
    private volatile String libraryName = "";
    private volatile String libraryVersion = "";
    private volatile String lastCommand = "NULL"; // as Redis shows a client that has sent nothing yet
    private volatile long lastCommandNanos = connectedNanos;

    Client(long id, ClientSocket socket, boolean trusted) {
        this.id = id;
        this.socket = socket;
        this.trusted = trusted;
        authenticated = trusted;
        socket.pace().stranger(!trusted);
    }

    long id() {
        return id;
    }

    String peer() {
        return socket.peer();
    }

    String local() {
        return socket.local();
    }

    long ageSeconds() {
        return (System.nanoTime() - connectedNanos) / 1_000_000_000;
    }

    /** Whose jobs and IDs the client's are. */
    String user() {
        return "default";
    }

    /** On whose behalf a command runs that the client asks for now. */
    Origin origin() {
        return new Origin("resp", user(), peer());
    }

    RespVersion version() {
        return version;
    }

    void version(RespVersion newVersion) {
        version = newVersion;
    }

    boolean authenticated() {
        return authenticated;
    }

    void authenticate() {
        authenticated = true;
        socket.pace().stranger(false);
    }

    String name() {
        return name;
    }

    void name(String newName) {
        name = newName;
    }

    void libraryName(String newName) {
        libraryName = newName;
    }

    void libraryVersion(String newVersion) {
        libraryVersion = newVersion;
    }

    /** Whether a command has ever streamed on this connection. */
    boolean hasStreamed() {
        return streamed;
    }

    void streams() {
        streamed = true;
    }

    void executes(String command) {
        lastCommand = command;
        lastCommandNanos = System.nanoTime();
    }

    /** As after the connect, see the RESET command of Redis. */
    void reset() {
        version = RespVersion.RESP2;
        authenticated = trusted;
        socket.pace().stranger(!trusted);
        name = "";
    }

    /** One line in the form of CLIENT LIST of Redis, as far as it applies. */
    String describe() {
        long now = System.nanoTime();
        return "id=" + id + " addr=" + socket.peer() + " laddr=" + socket.local() + " name=" + name
                + " age=" + ageSeconds() + " idle="
                + (now - lastCommandNanos) / 1_000_000_000 + " flags=N db=0 sub=0 psub=0 multi=-1"
                + " cmd=" + lastCommand + " user=" + user() + " lib-name=" + libraryName + " lib-ver=" + libraryVersion
                + " resp=" + (version == RespVersion.RESP3 ? 3 : 2);
    }
}
