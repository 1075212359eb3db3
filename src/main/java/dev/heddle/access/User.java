package dev.heddle.access;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A user who may log in by at least one of three ways.
 *
 * @param token       what to give to AUTH
 * @param certificate the subject of a client certificate, exactly, as RFC 2253 writes it
 * @param local       the name of an account on this host, whose processes come in over a Unix socket
 * @param policy      what the user may do; empty for anything
 */
public record User(String name, Optional<TokenHash> token, Optional<String> certificate,
                   Optional<String> local, Optional<Policy> policy) {
    /** The user that a client means when it gives a token alone, as in Redis. */
    public static final String DEFAULT_NAME = "default";
    public static final String NAME_RULE = "1 to 64 letters, digits, '_', '.', '@' and '-', with no '.', '@' or '-' in"
            + " front";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}");

    public User {
        if (!isName(name)) {
            throw new IllegalArgumentException("'" + name + "' is no name of a user: " + NAME_RULE);
        }
        if (token.isEmpty() && certificate.isEmpty() && local.isEmpty()) {
            throw new IllegalArgumentException("a user without sha256, certificate and local could never log in");
        }
    }

    /** Returns what the user may do. */
    public Grant grant() {
        return policy.isEmpty() ? Grant.ANYTHING : new Grant(policy);
    }

    /** Tells whether a user may have this name; a valid name is one word on every line that shows it. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }
}
