package dev.heddle.net;

/** The steps by which a server that stops ends its clients, from the mildest on. */
public enum StopStep {
    /** Lets what the client waits for come to its end, its commands and the jobs that it follows; then disconnects. */
    DRAIN,
    /** Lets the client's commands come to their end and answers them, whatever jobs it follows; then disconnects. */
    FINISH,
    /** Does what {@link #CANCEL} does, but spares a client that follows a job, whose end it is to hear. */
    CANCEL_UNLESS_FOLLOWING,
    /** Ends the client's command, answers it with what there is, and disconnects. */
    CANCEL,
    /** Ends the client's command and disconnects without an answer. */
    ABORT
}
