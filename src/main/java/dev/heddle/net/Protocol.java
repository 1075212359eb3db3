package dev.heddle.net;

/** What is spoken on a listener. One protocol serves all clients of its listeners; it is safe for all threads. */
public interface Protocol {
    /** Makes the session of a client that has just connected. Does no I/O: that begins with {@code run}. */
    ClientSession open(ClientSocket socket);

    /** What a client is told, before it is disconnected, when the server has no place for it. */
    byte[] refusal(String reason);
}
