package dev.heddle.access;

import dev.heddle.net.PeerIdentity;
import dev.heddle.platform.FileState;
import dev.heddle.time.AwakeClock;
import dev.heddle.time.Guard;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers every login and every command by the current users and policies of a server. The caller that made it closes
 * it, after the server; with a users file it has a thread that looks for changes of the file.
 *
 * <p><b>Threading:</b> safe for all threads.
 */
public final class Access implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Access.class);
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);
    private static final String UNKNOWN_NAME = "(unknown)"; // not a valid name of a user
    private static final Login ANYBODY = new Login(
            new User(User.DEFAULT_NAME, Optional.empty(), Optional.empty(), Optional.of("anybody"), Optional.empty()),
            Optional.empty(), new Users(List.of()));

    private final boolean open;
    private final Optional<UsersFile> file;
    private final LoginGuard guard = new LoginGuard(AwakeClock.system()::nanoTime);
    private final Guard reloading = new Guard(); // held while the file is looked at and read
    private final List<Runnable> changeListeners = new CopyOnWriteArrayList<>();
    private final Optional<Thread> watcher;
    private volatile Users users; // written while reloading is held, read by all threads
    private FileState state; // guarded by reloading; of the file that was read last, good or bad

    private Access(boolean open, Users users, Optional<UsersFile> file, FileState state) {
        this.open = open;
        this.users = users;
        this.file = file;
        this.state = state;
        watcher = file.map(watched -> Thread.ofPlatform().daemon().name("users-file").unstarted(this::watch));
    }

    /** Makes access for {@code --no-auth} and tests: everyone may do anything. */
    public static Access open() {
        return new Access(true, new Users(List.of()), Optional.empty(), FileState.NONE);
    }

    /** Makes access for one user, {@code default}, who may do anything with this token. */
    public static Access single(String token) {
        return of(Users.single(TokenHash.of(token), System.getProperty("user.name")));
    }

    /** Makes access for these users, which never change. */
    public static Access of(Users users) {
        return new Access(false, users, Optional.empty(), FileState.NONE);
    }

    /**
     * Makes access for the users of a file, which may change.
     *
     * @throws IOException when the file cannot be used; the message says what is wrong where
     */
    public static Access fromFile(Path path) throws IOException {
        UsersFile file = new UsersFile(path);
        FileState state = file.state(); // taken before the file is read: a later change will be seen
        Access access = new Access(false, file.read(), Optional.of(file), state);
        access.watcher.ifPresent(Thread::start);
        return access;
    }

    /** Tells whether no client has to log in. */
    public boolean isOpen() {
        return open;
    }

    /** Tells whether there is a users file, with rights for each user. */
    public boolean hasUsersFile() {
        return file.isPresent();
    }

    /** Tells whether the user of this name is the only one. */
    public boolean isAlone(String name) {
        Users now = users;
        return open ? name.equals(User.DEFAULT_NAME) : now.size() == 1 && now.find(name).isPresent();
    }

    /** Adds an action that runs after each reload, on the thread that has reloaded. */
    public void onChange(Runnable action) {
        changeListeners.add(action);
    }

    /**
     * Returns the login of a client that gave no token: by what its transport proves, or because no client has to log
     * in.
     */
    public Optional<Login> arrive(PeerIdentity identity) {
        if (open) {
            return Optional.of(ANYBODY);
        }
        Users now = users;
        return now.byIdentity(identity).map(user -> new Login(user, Optional.of(identity), now));
    }

    /**
     * Checks a name and a token. Does not block: the caller lets the client wait for the answer.
     *
     * @param peer     the client's address
     * @param failures how many logins have failed on this connection so far
     */
    public LoginResult logIn(String name, byte[] token, String peer, int failures) {
        if (open) {
            return name.equals(User.DEFAULT_NAME) ? new LoginResult.Granted(ANYBODY, Duration.ZERO)
                    : new LoginResult.Refused(Duration.ZERO);
        }
        LoginGuard.Source source = LoginGuard.Source.of(peer);
        if (guard.blocks(source)) {
            return new LoginResult.TooMany(LoginGuard.MAX_DELAY);
        }
        Users now = users;
        Optional<User> user = now.byToken(name, token);
        if (user.isPresent()) {
            return new LoginResult.Granted(new Login(user.get(), Optional.empty(), now), guard.delay(source, failures));
        }
        guard.failed(source);
        return new LoginResult.Refused(guard.delay(source, failures + 1));
    }

    /** Returns the name as logs may show it: a name that is not a user's may be a token, given in the wrong place. */
    public String shownName(String name) {
        return users.find(name).isPresent() || open && name.equals(User.DEFAULT_NAME) ? name : UNKNOWN_NAME;
    }

    /**
     * Returns the login as it is now: the user may have another policy since a reload. Empty when the user is gone, or
     * has another token or certificate.
     */
    public Optional<Login> current(Login login) {
        Users now = users;
        if (open || login.among() == now) {
            return Optional.of(login);
        }
        Optional<User> user = login.identity().isPresent() ? now.byIdentity(login.identity().get())
                : now.find(login.user().name()).filter(found -> found.token().equals(login.user().token()));
        return user.filter(found -> found.name().equals(login.user().name()))
                .map(found -> new Login(found, login.identity(), now));
    }

    /**
     * Reads the users file again, if there is one; when it cannot be used, the users stay as they are. Blocks for as
     * long as the file system does.
     */
    public void reload() {
        if (file.isEmpty()) {
            return;
        }
        try (Guard.Held held = reloading.hold()) {
            state = file.get().state();
            Users fresh = file.get().read();
            users = fresh;
            LOG.info("{}: {} users", file.get(), fresh.size());
        } catch (IOException e) {
            LOG.error("the users stay as they are: {}", e.getMessage());
            return;
        }
        changeListeners.forEach(Runnable::run);
    }

    private boolean hasChanged() {
        try (Guard.Held held = reloading.hold()) {
            return !state.equals(file.orElseThrow().state());
        }
    }

    private void watch() {
        Throwable failure = null; // logged in the next round: this one may have no memory for it
        while (!Thread.currentThread().isInterrupted()) {
            try {
                TimeUnit.NANOSECONDS.sleep(LOOK_INTERVAL.toNanos());
                if (failure != null) {
                    LOG.error("looking at {} has failed; its next change is seen again", file.orElseThrow(), failure);
                    failure = null;
                }
                if (hasChanged()) {
                    reload();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // closed
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }
    }

    @Override
    public void close() {
        watcher.ifPresent(Thread::interrupt);
    }
}
