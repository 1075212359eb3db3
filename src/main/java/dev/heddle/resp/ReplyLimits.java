package dev.heddle.resp;

/**
 * Limits the size of a reply. A reply over a limit is a {@link ProtocolException}, before any memory is taken for the
 * part that is over it.
 *
 * @param maxLineBytes  length of a line without its end: of a simple string, an error, or a number
 * @param maxBulkBytes  length of one string
 * @param maxReplyBytes the whole reply, each value taken as {@value #VALUE_BYTES} bytes longer than it is
 * @param maxDepth      how deep aggregates are nested; 0 allows none
 */
public record ReplyLimits(int maxLineBytes, int maxBulkBytes, long maxReplyBytes, int maxDepth) {
    /** The cost of a value besides its bytes: its object, and a place in an aggregate. */
    static final int VALUE_BYTES = 32;

    /** The limits for replies of a trusted server: two streams of 64 MiB, which is the most that Heddle sends. */
    public static final ReplyLimits DEFAULT = new ReplyLimits(64 << 10, 128 << 20, 256L << 20, 32);

    public ReplyLimits {
        if (maxLineBytes < 1 || maxBulkBytes < 1 || maxReplyBytes < 1 || maxDepth < 0) {
            throw new IllegalArgumentException("a limit below its lowest value");
        }
    }
}
