package dev.heddle.face.resp;

import dev.heddle.access.Access;
import dev.heddle.access.Grant;
import dev.heddle.access.Login;
import dev.heddle.command.Caller;
import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.net.ClientSocket;
import dev.heddle.resp.RespVersion;
import dev.heddle.service.CommandService;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What the server knows of one client.
 *
 * <p><b>Threading:</b> one thread at a time executes its requests and writes to it: the reading thread while the worker
 * is idle, else the worker; only the last command is noted by both. Any thread may read, for {@code CLIENT LIST}.
 */
final class ClientState {
    /** Of one connection: their delays take less than the time for a login. */
    private static final int MAX_FAILED_LOGINS = 8;
    /** Nobody follows more at once over one connection; a client that asks for more is not waited for. */
    private static final int MAX_FOLLOWED_JOBS = 64;

    private final long id;
    private final ClientSocket socket;
    private final long connectedNanos = System.nanoTime();
    private final Access access;
    private final CommandService service;
    private final CountDownLatch leaving = new CountDownLatch(1); // opened by the thread that ends the session
    private volatile RespVersion version = RespVersion.RESP2;
    private volatile Optional<Login> login; // as it was then: ask login()
    private volatile int failedLogins;
    private volatile boolean streamed;
    private final Set<String> followedJobs = ConcurrentHashMap.newKeySet(); // the ids of those whose end it is to hear
    private volatile int channels; // that it listens to; Subscriptions writes it
    private volatile String commandId = "";
    private volatile String name = "";
    private volatile String libraryName = "";
    private volatile String libraryVersion = "";
    private volatile String lastCommand = "NULL"; // as Redis shows a client that has sent nothing yet
    private volatile long lastCommandNanos = connectedNanos;

    ClientState(long id, ClientSocket socket, Access access, CommandService service) {
        this.service = service;
        this.id = id;
        this.socket = socket;
        this.access = access;
        identify();
    }

    /** Logs it in as whom its transport has proved it to be by now, or as none. */
    private void identify() {
        login = access.arrive(socket.identity());
        socket.activity().stranger(!authenticated());
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

    /** Whose jobs and IDs the client's are; a name that no user has while it is logged in as none. */
    String user() {
        return login().map(now -> now.user().name()).orElse("(none)");
    }

    /** Of whose memory the client takes now: clients that are logged in as none have one share together. */
    MemoryBudget share() {
        return service.share(user());
    }

    /** As whom the client is logged in, by the users of this moment. */
    Optional<Login> login() {
        Optional<Login> then = login;
        return then.isPresent() ? access.current(then.get()) : then;
    }

    /** Looks again as whom its transport has proved it to be: in TLS that took a handshake. */
    void arrive() {
        if (login.isEmpty()) {
            identify();
        }
    }

    void login(Login newLogin) {
        login = Optional.of(newLogin);
        socket.activity().stranger(false);
    }

    /** Whether it was logged in as somebody who may not be any more. */
    boolean isRevoked() {
        return login.isPresent() && !authenticated();
    }

    /** Whether this client may see and disconnect the other one. */
    boolean oversees(ClientState other) {
        return login().filter(now -> now.user().policy().isEmpty() || user().equals(other.user())).isPresent();
    }

    Grant grant() throws RefusedException {
        return login().orElseThrow(() -> new RefusedException(Refusal.DENIED, "you are logged out")).user().grant();
    }

    int failedLogins() {
        return failedLogins;
    }

    /** Counts an attempt that has failed, for good: not even RESET makes up for it. */
    void loginFailed() {
        failedLogins++; // of one thread at a time
    }

    /**
     * Whether it has failed so often that it is to be disconnected. Otherwise one packet full of guesses would hold
     * a place for as long as all their delays together.
     */
    boolean isDismissed() {
        return failedLogins >= MAX_FAILED_LOGINS;
    }

    /** Lets the client wait, on the calling thread; not any longer than the session has to live. */
    void pause(Duration delay) throws InterruptedException {
        leaving.await(delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Ends a pause, now and from now on; from any thread. */
    void leaves() {
        leaving.countDown();
    }

    Caller caller() {
        return new Caller("resp", user(), peer(), id);
    }

    RespVersion version() {
        return version;
    }

    void version(RespVersion newVersion) {
        version = newVersion;
    }

    boolean authenticated() {
        return login().isPresent();
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

    boolean hasStreamed() {
        return streamed;
    }

    void streams() {
        streamed = true;
    }

    /** The client asks for this job's output or its end: a stop waits for it to come back for that. */
    void follow(String jobId) {
        if (followedJobs.size() < MAX_FOLLOWED_JOBS) {
            followedJobs.add(jobId);
        }
    }

    /** The client has been told how this job ended, or that there is no such job. */
    void unfollow(String jobId) {
        followedJobs.remove(jobId);
    }

    void unfollowAll() {
        followedJobs.clear();
    }

    boolean followsJobs() {
        return !followedJobs.isEmpty();
    }

    int channels() {
        return channels;
    }

    void channels(int count) {
        channels = count;
    }

    /** The ID of the command that runs for the client now; empty for none. */
    void runs(String newCommandId) {
        commandId = newCommandId;
    }

    void executes(String command) {
        lastCommand = command;
        lastCommandNanos = System.nanoTime();
    }

    /** Makes it as it was after the connect, see the RESET command of Redis. */
    void reset() {
        version = RespVersion.RESP2;
        identify();
        name = "";
    }

    /** One line in the form of CLIENT LIST of Redis, as far as it applies. */
    String describe() {
        long now = System.nanoTime();
        return "id=" + id + " addr=" + socket.peer() + " laddr=" + socket.local() + " name=" + name
                + " age=" + ageSeconds() + " idle=" + (now - lastCommandNanos) / 1_000_000_000
                + " flags=" + (channels > 0 ? "P" : "N") + " db=0 sub=" + channels + " psub=0 multi=-1"
                + " cmd=" + lastCommand + " user=" + user() + " lib-name=" + libraryName + " lib-ver=" + libraryVersion
                + " resp=" + (version == RespVersion.RESP3 ? 3 : 2) + " command=" + commandId;
    }
}
