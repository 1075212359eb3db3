package dev.heddle.resp;

import java.util.function.Consumer;

/** A word of a request that is too long for one array. */
final class LongWord {
    /** What is longer comes in pieces. */
    static final int MAX_WHOLE_BYTES = 64 << 10;

    final byte[][] pieces;
    final int length;
    private boolean taken; // somebody else gives the pieces back

    LongWord(byte[][] pieces, int length) {
        this.pieces = pieces;
        this.length = length;
    }

    byte[][] take() {
        taken = true;
        return pieces.clone();
    }

    byte[] joined() {
        if (taken) {
            throw new IllegalStateException("its pieces were handed over, and may hold something else by now");
        }
        byte[] whole = new byte[length];
        int filled = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 0, whole, filled, piece.length);
            filled += piece.length;
        }
        return whole;
    }

    /** Gives back all pieces that were read, unless they were taken. */
    void giveBack(Consumer<byte[]> pool) {
        for (int i = 0; !taken && i < pieces.length && pieces[i] != null; i++) {
            pool.accept(pieces[i]);
        }
        taken = true;
    }
}
