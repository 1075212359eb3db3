package dev.heddle.net;

import dev.heddle.time.Deadline;

/**
 * A way by which clients reach the service, as the server's wiring sees it: opened with the server, and ended in steps
 * with it. It need not have sockets.
 *
 * <p><b>Threading:</b> the thread that starts the server opens it; any thread may end it.
 */
public interface Face extends AutoCloseable {
    /** Begins to serve. Does not block. */
    void open();

    /** Lets no new client in. Does not block. */
    void refuseNew();

    /** Does this to all clients, and to those that come in later. Does not block. */
    void end(StopStep step);

    /** Waits until the last client has gone and none can come. False when the time was up before. */
    boolean awaitEnd(Deadline deadline) throws InterruptedException;

    /** Counts the clients that are connected now. */
    long clients();

    /** Frees what the face holds. Called once, when it has ended or could not be opened. Does not block. */
    @Override
    void close();
}
