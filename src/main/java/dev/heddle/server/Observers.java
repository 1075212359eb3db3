package dev.heddle.server;

import dev.heddle.access.LoginListener;
import dev.heddle.run.CommandObserver;

import java.util.ArrayList;
import java.util.List;

/** The observers of a server besides its own counts: an audit log, metrics. */
public record Observers(List<CommandObserver> commands, List<LoginListener> logins) {
    public static final Observers NONE = new Observers(List.of(), List.of());

    public Observers {
        commands = List.copyOf(commands);
        logins = List.copyOf(logins);
    }

    /** Returns these observers and one more for commands. */
    public Observers withCommands(CommandObserver observer) {
        List<CommandObserver> more = new ArrayList<>(commands);
        more.add(observer);
        return new Observers(more, logins);
    }

    /** Returns these observers and one more for logins. */
    public Observers withLogins(LoginListener listener) {
        List<LoginListener> more = new ArrayList<>(logins);
        more.add(listener);
        return new Observers(commands, more);
    }

    /** Returns all listeners of logins, and this one, as one. */
    LoginListener loginsAnd(LoginListener own) {
        List<LoginListener> all = withLogins(own).logins();
        return new LoginListener() {
            @Override
            public void loggedIn(String user, String peer) {
                all.forEach(listener -> listener.loggedIn(user, peer));
            }

            @Override
            public void refused(String user, String peer) {
                all.forEach(listener -> listener.refused(user, peer));
            }
        };
    }
}
