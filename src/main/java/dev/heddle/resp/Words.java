package dev.heddle.resp;

import java.nio.ByteBuffer;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/**
 * The words of a request. A long one lies in pieces, as it was read: who can use them {@link #take}s them, and
 * everybody else finds one array, which is made when it is asked for. The list cannot be changed, and the arrays must
 * not be.
 *
 * <p><b>Threading:</b> used by one thread at a time.
 */
public final class Words extends AbstractList<byte[]> implements RandomAccess {
    private static final Object[] NONE = {};

    private final RequestBudget budget;
    private Object[] words; // each a byte[] or a LongWord

    Words(Object[] words, RequestBudget budget) {
        this.words = words;
        this.budget = budget;
    }

    @Override
    public byte[] get(int index) {
        if (words[index] instanceof LongWord word) {
            byte[] joined = word.joined();
            word.giveBack(budget::giveBack);
            words[index] = joined;
        }
        return (byte[]) words[index];
    }

    @Override
    public int size() {
        return words.length;
    }

    /**
     * Hands over the pieces of a word. Those of a long one belong to the caller then, who gives them back; the array of
     * another one, the only piece, still belongs to the request.
     */
    public static byte[][] take(List<byte[]> words, int index) {
        return words instanceof Words request && request.words[index] instanceof LongWord word
                ? word.take() : new byte[][] {words.get(index)};
    }

    /** The words in pieces, and between them the lengths of those that have several: for a digest. */
    public static List<byte[]> inPieces(List<byte[]> words) {
        if (!(words instanceof Words request)) {
            return words;
        }
        List<byte[]> pieces = new ArrayList<>(words.size());
        for (Object word : request.words) {
            if (word instanceof LongWord longWord) {
                pieces.add(ByteBuffer.allocate(Integer.BYTES).putInt(0, longWord.length).array());
                pieces.addAll(Arrays.asList(longWord.pieces));
            } else {
                pieces.add((byte[]) word);
            }
        }
        return pieces;
    }

    void close() {
        for (Object word : words) {
            if (word instanceof LongWord longWord) {
                longWord.giveBack(budget::giveBack);
            }
        }
        words = NONE;
    }
}
