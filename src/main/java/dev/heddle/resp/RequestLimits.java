package dev.heddle.resp;

/**
 * Limits the size of a request. A request over a limit is a {@link ProtocolException}, before any memory is taken for
 * the part that is over it.
 *
 * @param maxInlineBytes  length of a line without its end: of an inline request, and of each number in a multibulk
 * @param maxArguments    words of a request, its command's name included
 * @param maxBulkBytes    length of one word
 * @param maxRequestBytes all words together, each taken as {@value #ARGUMENT_BYTES} bytes longer than it is, so that a
 *                        million empty words count too
 * @param authenticated   whether the client is known: the error texts tell these limits from the others
 */
public record RequestLimits(int maxInlineBytes, int maxArguments, int maxBulkBytes, int maxRequestBytes,
                            boolean authenticated) {
    /** The cost of a word besides its bytes: an array's header, and a place in the request. */
    static final int ARGUMENT_BYTES = 32;

    private static final int INLINE_BYTES = 64 << 10; // PROTO_INLINE_MAX_SIZE of Valkey
    private static final int ARGUMENTS = 1 << 20; // as in Redis
    private static final int OPEN_ARGUMENTS = 10; // this and the next as in Valkey's processMultibulkBuffer
    private static final int OPEN_BULK_BYTES = 16 << 10;

    /** The limits for clients that have not logged in: 10 words of 16 KiB, as in Redis and Valkey. */
    public static final RequestLimits UNAUTHENTICATED = new RequestLimits(INLINE_BYTES, OPEN_ARGUMENTS,
            OPEN_BULK_BYTES, OPEN_ARGUMENTS * (OPEN_BULK_BYTES + ARGUMENT_BYTES), false);

    public RequestLimits {
        if (maxInlineBytes < 1 || maxArguments < 1 || maxBulkBytes < 1 || maxRequestBytes < 1) {
            throw new IllegalArgumentException("a limit below 1");
        }
    }

    /** Returns the limits for known clients: Redis' limits for lines and word counts, and one for the whole request. */
    public static RequestLimits authenticated(int maxRequestBytes) {
        return new RequestLimits(INLINE_BYTES, ARGUMENTS, maxRequestBytes, maxRequestBytes, true);
    }
}
