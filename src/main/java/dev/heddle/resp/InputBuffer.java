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
            moveTo(new byte[IDLE_BYTES]);
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
        boolean full = end - position == bytes.length;
        boolean grows = full || filledUp && bytes.length < BUSY_BYTES;
        moveTo(!grows ? bytes : new byte[full ? Math.max(BUSY_BYTES, bytes.length + BUSY_BYTES) : BUSY_BYTES]);
        beforeFill.run();
        int count = in.read(bytes, end, bytes.length - end);
        if (count < 0) {
            return false;
        }
        end += count;
        filledUp = end == bytes.length;
        return true;
    }

    /** Moves what is not taken yet to the beginning of this array, which may be the present one. */
    private void moveTo(byte[] target) {
        int unread = end - position;
        if (target != bytes || position > 0) {
            System.arraycopy(bytes, position, target, 0, unread);
        }
        bytes = target;
        position = 0;
        end = unread;
    }

    private void fillOrThrow() throws IOException {
        if (!fill()) {
            throw endOfInput();
        }
    }

    /** Waits until so many bytes, a few, can be taken from the buffer; an {@link EOFException} if they do not come. */
    void require(int count) throws IOException {
        while (end - position < count) {
            fillOrThrow();
        }
    }

    /** Takes the CRLF behind a string. False when something else is there. */
    boolean takeLineEnd() throws IOException {
        require(2);
        position += 2;
        return bytes[position - 2] == '\r' && bytes[position - 1] == '\n';
    }

    /**
     * The index of the line feed that ends the line at {@link #position}; the buffer holds the whole line then.
     * {@link #TOO_LONG}, without waiting for the line's end, for one of more than {@code maxBytes} without its end.
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
            fillOrThrow();
        }
    }

    /** Gives back what a long line needed, unless as much has come behind it. */
    void shrink() {
        if (bytes.length > BUSY_BYTES && end - position < BUSY_BYTES) {
            moveTo(new byte[BUSY_BYTES]);
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

    /** As {@link #take}, but leaves many bytes in pieces, each allocated when the one before has arrived. */
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
                beforeFill.run();
                int count = in.read(target, filled, target.length - filled);
                if (count < 0) {
                    throw endOfInput();
                }
                filled += count;
            } else {
                fillOrThrow(); // one read for the rest and for what comes behind it
            }
        }
        return target;
    }

    /**
     * Gives the next bytes to a stream as they arrive, without memory for the whole of them. The buffer becomes
     * large, until {@link #awaitMessage} finds the connection idle.
     */
    void transfer(int length, OutputStream target) throws IOException {
        if (length > bytes.length && bytes.length < TRANSFER_BYTES) {
            moveTo(new byte[TRANSFER_BYTES]);
        }
        for (int left = length; left > 0; ) {
            require(1);
            int count = Math.min(left, end - position);
            target.write(bytes, position, count);
            position += count;
            left -= count;
        }
    }

    private static EOFException endOfInput() {
        return new EOFException("the input ended inside a message");
    }
}
