package dev.heddle.face.resp;

/** A word to the command that streams on the connection: it never waits for the command. */
sealed interface StreamWord extends Verb {
    /** The verb as the client wrote it. */
    byte[] spelt();

    /**
     * Sends stdin.
     *
     * @param pieces taken out of the request, in which a long word lies in pieces
     */
    record Stdin(byte[] spelt, byte[][] pieces) implements StreamWord {}

    /** Ends stdin. */
    record Eof(byte[] spelt) implements StreamWord {}

    /** Sends a signal. */
    record Signal(byte[] spelt, String name) implements StreamWord {}

    /** Leaves the command to itself. */
    record Detach(byte[] spelt) implements StreamWord {}
}
