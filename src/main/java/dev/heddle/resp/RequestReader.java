package dev.heddle.resp;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;

/**
 * Reads requests on the server's side, multibulk arrays and inline lines alike. Accepts, refuses and words its refusals
 * as {@code processMultibulkBuffer} and {@code processInlineBuffer} of Valkey's networking.c do, but for three things:
 * the bytes behind a bulk, and at the end of a multibulk's header, must be CRLF; NUL bytes are allowed in a line; the
 * limits for words hold for inline requests too.
 *
 * <p><b>Threading:</b> belongs to the thread that reads the connection.
 */
public final class RequestReader {
    private static final String ERROR = "Protocol error: ";
    private static final String INVALID_MULTIBULK = ERROR + "invalid multibulk length";
    private static final String INVALID_BULK = ERROR + "invalid bulk length";
    private static final String OPEN_MULTIBULK = ERROR + "unauthenticated multibulk length";
    private static final String OPEN_BULK = ERROR + "unauthenticated bulk length";
    /** Valkey's default proto-max-bulk-len. Beyond it an unknown client and a known one get one error text. */
    private static final int HIGHEST_BULK_BYTES = 512 << 20;
    private static final long RESERVED_STEP_BYTES = 64 << 10;
    /** How many places for words there are at first, whatever the header announces. */
    private static final int FIRST_PLACES = 64;
    private static final Object[] NO_WORDS = {};
    private static final byte TLS_HANDSHAKE = 0x16;
    private static final byte TLS_MAJOR_VERSION = 3;

    private final InputBuffer input;
    private RequestBudget budget;
    private final InputBuffer.Allocation allocation = this::hold; // made once, not for each word
    private final InputBuffer.Allocation lineAllocation = this::holdLine; // made once, too
    private RequestLimits limits;
    private long heldBytes; // by the request under way
    private long lineBytes; // by the buffer, for the line under way
    private long reservedBytes; // for it
    private boolean inside; // a request has begun, and is not complete

    /**
     * A reader at the beginning of a connection.
     *
     * @param budget     asked when a request grows beyond {@link RequestBudget#freeBytes}
     * @param beforeFill run before each read of the stream, which may block
     */
    public RequestReader(InputStream in, RequestLimits limits, RequestBudget budget, BeforeFill beforeFill) {
        input = new InputBuffer(in, beforeFill);
        this.limits = limits;
        this.budget = budget;
    }

    /** Sets the limits for the requests that are not read yet, and who pays for them: a login changes both. */
    public void limits(RequestLimits newLimits, RequestBudget newBudget) {
        limits = newLimits;
        budget = newBudget;
    }

    /** Whether a read that is about to be made is for the rest of a request, and not for a new one. */
    public boolean insideRequest() {
        return inside;
    }

    /**
     * Reads the next request, skipping empty ones. Blocks until it is complete. After an exception the reader
     * cannot be used any more.
     *
     * @return the request, to be closed by the caller; null when the input ends between requests
     * @throws CrossProtocolException when the client speaks HTTP or TLS
     * @throws RequestRefusedException when the budget is used up
     * @throws ProtocolException when the request is malformed or over the limits
     * @throws EOFException when the input ends inside a request
     * @throws IOException as the stream, or what is run before its reads, throws it
     */
    public Request read() throws IOException {
        try {
            while (input.awaitMessage()) {
                heldBytes = 0;
                lineBytes = 0;
                inside = true;
                Object[] words = input.bytes[input.position] == '*' ? multibulk() : inline();
                inside = false;
                if (words.length > 0) {
                    Request request = new Request(words, budget, heldBytes, reservedBytes);
                    reservedBytes = 0;
                    return request;
                }
            }
            return null;
        } finally {
            if (reservedBytes > 0) { // no request has taken it over
                budget.release(reservedBytes);
                reservedBytes = 0;
            }
        }
    }

    private Object[] multibulk() throws IOException {
        long count = length('*', ERROR + "too big mbulk count string", INVALID_MULTIBULK);
        if (count <= 0) {
            return NO_WORDS;
        }
        requireAllowedCount(count);
        Object[] words = new Object[(int) Math.min(count, FIRST_PLACES)];
        for (int i = 0; i < count; i++) {
            if (i == words.length) {
                words = Arrays.copyOf(words, (int) Math.min(count, 2L * i));
            }
            words[i] = bulk();
            if (i == 0 && words[0] instanceof byte[] name) {
                refuseHttp(name);
            }
        }
        return words;
    }

    /** Takes a word: a byte[], or a {@link LongWord}. */
    private Object bulk() throws IOException {
        long length = length('$', ERROR + "too big bulk count string", INVALID_BULK);
        requireAllowedWord(length);
        hold(RequestLimits.ARGUMENT_BYTES);
        Object word = length > LongWord.MAX_WHOLE_BYTES ? input.takeLong((int) length, allocation, budget)
                : input.take((int) length, allocation);
        if (!input.takeLineEnd()) {
            throw new ProtocolException(ERROR + "expected CRLF after bulk");
        }
        return word;
    }

    /** Takes a line of a type's character and a number. The checks come in Valkey's order. */
    private long length(char type, String tooLong, String invalid) throws IOException {
        int lineFeed = input.findLine(limits.maxInlineBytes(), lineAllocation);
        if (lineFeed == InputBuffer.TOO_LONG) {
            throw new ProtocolException(tooLong);
        }
        byte got = input.bytes[input.position];
        if (got != type) {
            throw new ProtocolException(ERROR + "expected '" + type + "', got '" + printable(got) + "'");
        }
        int end = input.withoutCarriageReturn(lineFeed);
        if (end == lineFeed) {
            throw new ProtocolException(invalid);
        }
        long length = StrictNumber.parse(input.bytes, input.position + 1, end, invalid);
        input.position = lineFeed + 1;
        return length;
    }

    /** A byte that may stand in an error line: CR and LF become blanks as in Valkey, all others stay readable. */
    private static String printable(byte b) {
        return b == '\r' || b == '\n' ? " "
                : b >= ' ' && b < 0x7f ? Character.toString(b) : String.format("\\x%02x", b);
    }

    private Object[] inline() throws IOException {
        if (input.bytes[input.position] == TLS_HANDSHAKE) {
            input.require(2);
            if (input.bytes[input.position + 1] == TLS_MAJOR_VERSION) {
                throw new CrossProtocolException("TLS");
            }
        }
        int lineFeed = input.findLine(limits.maxInlineBytes(), lineAllocation);
        if (lineFeed == InputBuffer.TOO_LONG) {
            throw new ProtocolException(ERROR + "too big inline request");
        }
        int end = input.withoutCarriageReturn(lineFeed);
        if (HttpTraits.inLine(input.bytes, input.position, end)) {
            throw new CrossProtocolException("HTTP");
        }
        List<byte[]> words = InlineWords.split(input.bytes, input.position, end, limits.maxArguments());
        input.position = lineFeed + 1;
        input.shrink();
        requireAllowedCount(words.size());
        for (byte[] word : words) {
            requireAllowedWord(word.length);
            hold(RequestLimits.ARGUMENT_BYTES + word.length);
        }
        if (!words.isEmpty()) {
            refuseHttp(words.getFirst());
        }
        return words.toArray();
    }

    private static void refuseHttp(byte[] name) throws CrossProtocolException {
        if (HttpTraits.inWord(name)) {
            throw new CrossProtocolException("HTTP");
        }
    }

    private void requireAllowedCount(long count) throws ProtocolException {
        if (count > limits.maxArguments()) {
            boolean invalid = limits.authenticated() || count > Integer.MAX_VALUE;
            throw new ProtocolException(invalid ? INVALID_MULTIBULK : OPEN_MULTIBULK);
        }
        requireAllowedTotal(count * RequestLimits.ARGUMENT_BYTES);
    }

    private void requireAllowedWord(long length) throws ProtocolException {
        if (length < 0) {
            throw new ProtocolException(INVALID_BULK);
        }
        if (length > limits.maxBulkBytes()) {
            boolean invalid = limits.authenticated() || length > HIGHEST_BULK_BYTES;
            throw new ProtocolException(invalid ? INVALID_BULK : OPEN_BULK);
        }
        requireAllowedTotal(heldBytes + RequestLimits.ARGUMENT_BYTES + length);
    }

    private void requireAllowedTotal(long bytes) throws ProtocolException {
        if (bytes > limits.maxRequestBytes()) {
            throw new ProtocolException(ERROR + "too big request");
        }
    }

    /** Counts what is about to be allocated, and reserves it if the request is a large one by now. */
    private void hold(int bytes) throws RequestRefusedException {
        heldBytes += bytes;
        reserve(heldBytes + lineBytes);
    }

    /** The buffer grows with a long line. */
    private void holdLine(int bytes) throws RequestRefusedException {
        lineBytes += bytes;
        reserve(heldBytes + lineBytes);
    }

    private void reserve(long bytes) throws RequestRefusedException {
        if (bytes > reservedBytes && bytes > budget.freeBytes()) {
            long steps = Math.ceilDiv(bytes - reservedBytes, RESERVED_STEP_BYTES);
            if (!budget.reserve(steps * RESERVED_STEP_BYTES)) {
                throw new RequestRefusedException("the memory for large requests is used up, try later");
            }
            reservedBytes += steps * RESERVED_STEP_BYTES;
        }
    }
}
