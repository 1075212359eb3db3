package dev.heddle.net;

import java.time.Duration;

/**
 * Why the server disconnects a client, or does not let it in.
 *
 * @param text the reason in words, for users and logs; each protocol puts its own code in front
 */
public record Dismissal(Reason reason, String text) {
    /** The reasons, for protocols that tell them apart. */
    public enum Reason { FULL, STOPPING, NO_THREAD, ADDRESS_FULL, NO_LOGIN, SLOW, IDLE, PLAINTEXT, NOT_ALLOWED }

    static final Dismissal FULL = new Dismissal(Reason.FULL, "the maximum number of clients is connected");
    static final Dismissal STOPPING = new Dismissal(Reason.STOPPING, "the server is stopping");
    static final Dismissal NO_THREAD = new Dismissal(Reason.NO_THREAD, "no thread is left for another client");
    static final Dismissal ADDRESS_FULL =
            new Dismissal(Reason.ADDRESS_FULL, "too many clients of this address are connected");
    static final Dismissal SLOW = new Dismissal(Reason.SLOW, "the request came too slowly: connection closed");
    static final Dismissal PLAINTEXT = new Dismissal(Reason.PLAINTEXT, "this port speaks TLS");

    static Dismissal noLogin(Duration limit) {
        return new Dismissal(Reason.NO_LOGIN, "no login within " + limit.toMillis() + " ms: connection closed");
    }

    static Dismissal idle(Duration limit) {
        return new Dismissal(Reason.IDLE, "idle for " + limit.toMillis() + " ms: connection closed");
    }

    static Dismissal notAllowed(String user) {
        return new Dismissal(Reason.NOT_ALLOWED, "user '" + user + "' may not use this socket;"
                + " the server lets in whom its option --allow-user names");
    }
}
