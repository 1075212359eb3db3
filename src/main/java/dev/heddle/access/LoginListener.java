package dev.heddle.access;

/**
 * Observes every attempt to log in.
 *
 * <p><b>Threading:</b> called on the client's thread; must be quick, and must not throw.
 */
public interface LoginListener {
    void loggedIn(String user, String peer);

    /** @param user the name that the client gave if it is a user's; otherwise {@code (unknown)} */
    void refused(String user, String peer);
}
