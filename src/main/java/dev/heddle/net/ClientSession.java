package dev.heddle.net;

import java.io.IOException;

/** One client from connect to disconnect. */
public interface ClientSession {
    /**
     * Serves the client until it leaves or is disconnected. Runs once, on the client's own thread.
     *
     * @throws IOException when the client has gone
     */
    void run() throws IOException, InterruptedException;

    /** Takes the client one step towards its end. Returns at once; from any thread; steps may be left out. */
    void end(StopStep step);

    /** Whether the client waits for the server, and so is not idle. From any thread. */
    boolean isBusy();

    /**
     * Disconnects a client that was too slow or is one too many, and tells it why if the protocol can. Returns at once;
     * from any thread; only the first call has an effect.
     */
    void dismiss(Dismissal why);
}
