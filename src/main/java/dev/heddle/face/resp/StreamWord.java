package dev.heddle.face.resp;

import java.util.List;

/** A word to the command that streams on the connection: it never waits for the command. */
sealed interface StreamWord extends Verb {
    /** The verb as the client wrote it. */
    byte[] spelt();

    /** Sends a piece of stdin. */
    record Stdin(byte[] spelt, byte[] bytes) implements StreamWord {}

    /** Ends stdin. */
    record Eof(byte[] spelt) implements StreamWord {}

    /** Sends a signal. */
    record Signal(byte[] spelt, String name) implements StreamWord {}

    /** Leaves the command to itself. */
    record Detach(byte[] spelt) implements StreamWord {}

    static Verb stdin(List<byte[]> words) {
        return new Stdin(words.get(0), words.get(1));
    }

    static Verb eof(List<byte[]> words) {
        return new Eof(words.get(0));
    }

    static Verb signal(List<byte[]> words) {
        return new Signal(words.get(0), WordReader.text(words.get(1)));
    }

    static Verb detach(List<byte[]> words) {
        return new Detach(words.get(0));
    }
}
