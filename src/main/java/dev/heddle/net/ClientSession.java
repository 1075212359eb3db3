package dev.heddle.net;

/** One client from connect to disconnect. */
public interface ClientSession {
    /** Serves the client until it leaves or is disconnected. Runs on the client's own thread, and once only. */
    void run();

    /** Serves what the client has sent so far and then disconnects it. Returns at once; from any thread. */
    void finish();

    /** Ends the client's command, answers it with what there is, and disconnects. Returns at once; from any thread. */
    void cancel();

    /** Ends the client's command and disconnects without an answer. Returns at once; from any thread. */
    void abort();
}
