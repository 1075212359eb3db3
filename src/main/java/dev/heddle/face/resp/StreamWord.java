package dev.heddle.face.resp;

/** A word to the command that streams on the connection: it never waits for the command. */
sealed interface StreamWord extends Verb {
    /** The verb as the client wrote it. */
    byte[] spelt();

    /** @param pieces taken out of the request, in which a long word lies in pieces */
    record Stdin(byte[] spelt, byte[][] pieces) implements StreamWord {}

    record Eof(byte[] spelt) implements StreamWord {}

    record Signal(byte[] spelt, String name) implements StreamWord {}

    record Detach(byte[] spelt) implements StreamWord {}
}
