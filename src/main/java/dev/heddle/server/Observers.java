package dev.heddle.server;

import dev.heddle.access.LoginListener;
import dev.heddle.run.CommandObserver;

import java.util.List;
import java.util.stream.Stream;

/** The observers of a server besides its own counts: an audit log, metrics. */
public record Observers(List<CommandObserver> commands, List<LoginListener> logins) {
    public static final Observers NONE = new Observers(List.of(), List.of());

    public Observers {
        commands = List.copyOf(commands);
        logins = List.copyOf(logins);
    }

    public Observers withCommands(CommandObserver observer) {
        return new Observers(Stream.concat(commands.stream(), Stream.of(observer)).toList(), logins);
    }

    public Observers withLogins(LoginListener listener) {
        return new Observers(commands, Stream.concat(logins.stream(), Stream.of(listener)).toList());
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
