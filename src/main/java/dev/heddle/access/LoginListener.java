package dev.heddle.access;

/** Is told of each login. Called on the client's own thread, which waits: it must be quick, and must not throw. */
public interface LoginListener {
    /** Tells nobody. */
    LoginListener NONE = new LoginListener() {
        @Override
        public void loggedIn(String user, String peer) {}

        @Override
        public void refused(String user, String peer) {}
    };

    /** A client has proved who it is, by a token or by its transport. */
    void loggedIn(String user, String peer);

    /** A client has given a wrong token, or the name of no user: the name is what it has sent, shortened. */
    void refused(String user, String peer);
}
