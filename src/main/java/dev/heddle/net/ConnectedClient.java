package dev.heddle.net;

/**
 * A client that has a connection permit.
 *
 * @param number tells it from all other clients of the server, on whatever face: in its threads' names, in logs, and
 *               as the ID of {@code CLIENT LIST}
 */
record ConnectedClient(long number, ClientSocket socket, ClientSession session) {
    /** The name of the client's own thread, from which its other threads have theirs. */
    static String name(long number) {
        return "client-" + number;
    }

    String name() {
        return name(number);
    }
}
