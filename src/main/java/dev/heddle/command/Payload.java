package dev.heddle.command;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * What a program reads, as it came with the request: in pieces, each of which is handed out once, and given back when
 * the next one is asked for. One thread takes the pieces; any may close it.
 */
public final class Payload {
    private final byte[][] pieces;
    private final long length;
    private final Consumer<byte[]> giveBack;
    private int position; // of the next piece; this and the next two: guarded by this
    private byte[] handedOut;
    private boolean complete; // all has been handed out and used

    /** Takes the pieces over, forgets each that it hands out, and gives back those no longer used. */
    public Payload(byte[][] pieces, Consumer<byte[]> giveBack) {
        this.pieces = pieces;
        length = Arrays.stream(pieces).mapToLong(piece -> piece.length).sum();
        this.giveBack = giveBack;
    }

    /** Bytes in one array, which stays the caller's. */
    public static Payload of(byte[] bytes) {
        return new Payload(new byte[][] {bytes}, used -> { });
    }

    public long length() {
        return length;
    }

    /** Returns the next piece, and null when there is none. The one before is not used any more. */
    public synchronized byte[] next() {
        if (handedOut != null) {
            giveBack.accept(handedOut);
            complete = position == pieces.length;
        }
        handedOut = position < pieces.length ? takeNext() : null;
        return handedOut;
    }

    private byte[] takeNext() {
        byte[] piece = pieces[position];
        pieces[position++] = null;
        return piece;
    }

    /** Whether all pieces have been used. */
    public synchronized boolean isComplete() {
        return complete;
    }

    /** Gives back what was not handed out. The last piece that was may still be in use, and is left alone. */
    public synchronized void close() {
        handedOut = null;
        while (position < pieces.length) {
            giveBack.accept(takeNext());
        }
    }
}
