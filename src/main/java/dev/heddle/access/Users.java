package dev.heddle.access;

import dev.heddle.net.PeerIdentity;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All users who may log in, at one moment; a reload makes a new value.
 */
public final class Users {
    private static final TokenHash NOBODYS = TokenHash.of(TokenHash.newToken());

    private final Map<String, User> byName = new HashMap<>(); // filled by the constructor, like the other maps
    private final Map<String, User> byCertificate = new HashMap<>();
    private final Map<String, User> byAccount = new HashMap<>();

    /** @throws IllegalArgumentException when two users could not be told apart */
    public Users(Collection<User> users) {
        for (User user : users) {
            if (byName.put(user.name(), user) != null) {
                throw new IllegalArgumentException("there are two users '" + user.name() + "'");
            }
            user.certificate().ifPresent(subject -> requireNew(byCertificate.put(subject, user), user, "certificate"));
            user.local().ifPresent(account -> requireNew(byAccount.put(account, user), user, "local"));
        }
    }

    private static void requireNew(User other, User user, String key) {
        if (other != null) {
            throw new IllegalArgumentException("users '" + other.name() + "' and '" + user.name()
                    + "' have the same " + key);
        }
    }

    /**
     * Returns one user, {@code default}, who may do anything.
     *
     * @param account the account of the server's own processes: its user can read the token, and need not give it
     */
    public static Users single(TokenHash token, String account) {
        return new Users(List.of(new User(User.DEFAULT_NAME, Optional.of(token), Optional.empty(),
                Optional.of(account), Optional.empty())));
    }

    Optional<User> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** Returns the user with this name and token. Takes as long when there is no such user, or none with a token. */
    Optional<User> byToken(String name, byte[] token) {
        Optional<User> user = find(name);
        TokenHash expected = user.flatMap(User::token).orElse(NOBODYS);
        return expected.matches(TokenHash.of(token)) ? user : Optional.empty();
    }

    /** Returns the user that a client is by what its transport proves, without a token. */
    public Optional<User> byIdentity(PeerIdentity identity) {
        return switch (identity) {
            case PeerIdentity.Unproven none -> Optional.empty();
            case PeerIdentity.LocalUser(String account) -> Optional.ofNullable(byAccount.get(account));
            case PeerIdentity.Certificate(String subject) -> Optional.ofNullable(byCertificate.get(subject));
        };
    }

    int size() {
        return byName.size();
    }
}
