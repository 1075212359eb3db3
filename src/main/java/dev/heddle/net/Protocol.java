package dev.heddle.net;

/**
 * What is spoken on a listener. One protocol serves all clients of its listeners.
 *
 * <p><b>Threading:</b> safe for use by any thread.
 */
public interface Protocol {
    /**
     * Makes the session of a client that has just connected. Does no I/O, which begins with {@code run}.
     *
     * @param number of the client, unique in this server
     */
    ClientSession open(long number, ClientSocket socket);

    /** The words for a client that is disconnected before it has a session. */
    byte[] words(Dismissal why);
}
