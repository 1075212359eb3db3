package dev.heddle.resp;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Bytes that have been read but not taken yet. The buffer is small while the connection is idle, and larger under load;
 * what is larger still is read past it.
 *
 * <p><b>Threading:</b> belongs to the reading thread.
 */
final class InputBuffer {
    /** Many connections are idle, and each keeps this: enough for the usual request. */
    private static final int IDLE_BYTES = 1 << 10;
    private static final int BUSY_BYTES = 16 << 10;
    /** For {@link #transfer}: large enough that few reads end in the middle of a message. */
    private static final int TRANSFER_BYTES = 128 << 10;
    /** {@link #findLine}'s answer for a line beyond the limit. */
    static final int TOO_LONG = -1;

    /** Asked before memory is allocated; refuses by throwing. */
    interface Allocation {
        void of(int bytes) throws ProtocolException;
    }

    private final InputStream in;
    private final BeforeFill beforeFill;
    byte[] bytes = new byte[IDLE_BYTES];
    /** The next byte to take. */
    int position;
    private int end;
    private boolean filledUp; // the last read left no room: the peer has more to say

    InputBuffer(InputStream in, BeforeFill beforeFill) {
        this.in = in;
        this.beforeFill = beforeFill;
    }

    /** Waits for a message's first bytes. False when the input ends instead. */
    boolean awaitMessage() throws IOException {
        if (position < end) {
            return true;
        }
        if (bytes.length > IDLE_BYTES && in.available() == 0) {
            bytes = new byte[IDLE_BYTES];
            position = 0;
            end = 0;
            filledUp = false;
        }
        return fill();
    }

    /** As {@link #awaitMessage}, but a large buffer stays: more is to come soon. */
    boolean awaitMore() throws IOException {
        return position < end || fill();
    }

    /** Reads once, behind what is there. False at the end of the input. */
    private boolean fill() throws IOException {
        int unread = end - position;
        boolean full = unread == bytes.length;
        if (full || filledUp && bytes.length < BUSY_BYTES) {
            byte[] larger = new byte[full ? Math.max(BUSY_BYTES, bytes.length + BUSY_BYTES) : BUSY_BYTES];
            System.arraycopy(bytes, position, larger, 0, unread);
            bytes = larger;
        } else if (position > 0) {
            System.arraycopy(bytes, position, bytes, 0, unread);
        }
        position = 0;
        end = unread;
        beforeFill.run();
        int count = in.read(bytes, end, bytes.length - end);
        if (count < 0) {
            return false;
        }
        end += count;
        filledUp = end == bytes.length;
        return true;
    }

    /**
     * Waits until so many bytes can be taken from the buffer; for a few bytes only.
     *
     * @throws EOFException when the input ends before
     */
    void require(int count) throws IOException {
        while (end - position < count) {
            if (!fill()) {
                throw endOfInput();
            }
        }
    }

    /** As {@link #findLine(int, Allocation)}, for who may have as much memory as the line needs. */
    int findLine(int maxBytes) throws IOException {
        return findLine(maxBytes, bytes -> { });
    }

    /**
     * The index of the line feed that ends the line at {@link #position}; the buffer holds the whole line
     * then. {@link #TOO_LONG} for a line of more than {@code maxBytes} without its line feed and a carriage
     * return before that; this is known without waiting for the line's end.
     *
     * @param allocation asked when the line makes the buffer larger than it is under load, before it grows
     * @throws EOFException when the input ends before the line does
     */
    int findLine(int maxBytes, Allocation allocation) throws IOException {
        int scanned = 0; // from position on, which a fill moves
        while (true) {
            for (int i = position + scanned; i < end; i++) {
                if (bytes[i] == '\n') {
                    return contentLength(i) > maxBytes ? TOO_LONG : i;
                }
            }
            if (contentLength(end) > maxBytes) {
                return TOO_LONG;
            }
            scanned = end - position;
            if (scanned == bytes.length && scanned >= BUSY_BYTES) {
                allocation.of(BUSY_BYTES);
            }
            if (!fill()) {
                throw endOfInput();
            }
        }
    }

    /** Gives back what a long line needed, unless as much has come behind it. */
    void shrink() {
        int unread = end - position;
        if (bytes.length > BUSY_BYTES && unread < BUSY_BYTES) {
            byte[] smaller = new byte[BUSY_BYTES];
            System.arraycopy(bytes, position, smaller, 0, unread);
            bytes = smaller;
            position = 0;
            end = unread;
        }
    }

    /** The length of a line whose line feed is, or may come, at this index. */
    private int contentLength(int lineFeed) {
        return withoutCarriageReturn(lineFeed) - position;
    }

    /** Where the content of the line at {@link #position} ends, its line feed being at this index. */
    int withoutCarriageReturn(int lineFeed) {
        return lineFeed > position && bytes[lineFeed - 1] == '\r' ? lineFeed - 1 : lineFeed;
    }

    /**
     * Takes the next bytes, as many as a peer has announced. Many are allocated in pieces, as they arrive: an
     * announcement alone costs little.
     *
     * @param allocation asked before each piece, but not when the pieces are put together at last
     * @throws EOFException when the input ends before
     */
    byte[] take(int length, Allocation allocation) throws IOException {
        return length <= LongWord.MAX_WHOLE_BYTES ? takeStep(length, allocation)
                : takeLong(length, allocation, RequestBudget.UNLIMITED).joined();
    }

    private byte[] takeStep(int length, Allocation allocation) throws IOException {
        allocation.of(length);
        if (end - position >= length) { // the usual case: no zeroing
            position += length;
            return Arrays.copyOfRange(bytes, position - length, position);
        }
        return fill(new byte[length]);
    }

    /**
     * Takes the next bytes in pieces, each of which is allocated when the one before has arrived.
     *
     * @param allocation asked before each piece
     * @throws EOFException when the input ends before
     */
    LongWord takeLong(int length, Allocation allocation, RequestBudget budget) throws IOException {
        int chunk = budget.chunkBytes();
        LongWord word = new LongWord(new byte[Math.ceilDiv(length, chunk)][], length);
        boolean complete = false;
        try {
            for (int i = 0, left = length; left > 0; i++, left -= chunk) {
                allocation.of(Math.min(left, chunk));
                word.pieces[i] = left < chunk ? new byte[left] : budget.takeChunk();
                fill(word.pieces[i]);
            }
            complete = true;
            return word;
        } finally {
            if (!complete) {
                word.giveBack(budget::giveBack);
            }
        }
    }

    private byte[] fill(byte[] target) throws IOException {
        int filled = 0;
        while (filled < target.length) {
            if (position < end) {
                int count = Math.min(end - position, target.length - filled);
                System.arraycopy(bytes, position, target, filled, count);
                position += count;
                filled += count;
            } else if (target.length - filled >= bytes.length) {
                filled += readInto(target, filled);
            } else if (!fill()) { // one read for the rest and for what comes behind it
                throw endOfInput();
            }
        }
        return target;
    }

    /**
     * Gives the next bytes to a stream as they arrive, without memory for the whole of them. The buffer becomes
     * large, until {@link #awaitMessage} finds the connection idle.
     *
     * @throws EOFException when the input ends before
     * @throws IOException as either stream throws it
     */
    void transfer(int length, OutputStream target) throws IOException {
        if (length > bytes.length && bytes.length < TRANSFER_BYTES) {
            byte[] larger = new byte[TRANSFER_BYTES];
            System.arraycopy(bytes, position, larger, 0, end - position);
            bytes = larger;
            end -= position;
            position = 0;
        }
        for (int left = length; left > 0; ) {
            if (position == end && !fill()) {
                throw endOfInput();
            }
            int count = Math.min(left, end - position);
            target.write(bytes, position, count);
            position += count;
            left -= count;
        }
    }

    private int readInto(byte[] target, int from) throws IOException {
        beforeFill.run();
        int count = in.read(target, from, target.length - from);
        if (count < 0) {
            throw endOfInput();
        }
        return count;
    }

    private static EOFException endOfInput() {
        return new EOFException("the input ended inside a message");
    }
}
