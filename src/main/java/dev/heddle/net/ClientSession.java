package dev.heddle.net;

/** One client from connect to disconnect. */
public interface ClientSession {
    /** Serves the client until it leaves or is disconnected. Runs on the client's own thread, and once only. */
    void run();

    /**
     * Lets what the client waits for come to its end, its commands and the jobs that it follows, and then disconnects
     * the client. Returns at once; from any thread.
     */
    default void drain() {
        finish();
    }

    /**
     * Lets the client's commands come to their end, answers them, and then disconnects the client, whatever jobs it
     * follows. Returns at once; from any thread.
     */
    void finish();

    /** Whether the client is going to ask for the rest of a job, as far as is known. From any thread. */
    default boolean followsJobs() {
        return false;
    }

    /** Ends the client's command, answers it with what there is, and disconnects. Returns at once; from any thread. */
    void cancel();

    /** Ends the client's command and disconnects without an answer. Returns at once; from any thread. */
    void abort();

    /** Whether the client waits for the server, and so is not idle. From any thread. */
    boolean isBusy();

    /**
     * Disconnects a client that was too slow, or one too many, and tells it why if the protocol can. Returns at
     * once; from any thread; again does nothing more.
     *
     * @param error a code, a blank and a text, as RESP has it
     */
    void expire(String error);
}
