package dev.heddle.access;

/** Is told of every attempt to log in. Called on the client's thread: must be quick, and must not throw. */
public interface LoginListener {
    void loggedIn(String user, String peer);

    /**
     * A login that failed.
     *
     * @param user as the client called itself, if that is a user's name; else {@code (unknown)}
     */
    void refused(String user, String peer);
}
