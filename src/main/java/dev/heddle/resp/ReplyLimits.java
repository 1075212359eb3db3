package dev.heddle.resp;

/**
 * What a client takes from a server.
 *
 * @param maxBulkBytes of one string
 * @param maxElements  of one array, map or set
 * @param maxDepth     of arrays in arrays
 */
public record ReplyLimits(int maxBulkBytes, int maxElements, int maxDepth) {
    public static final ReplyLimits DEFAULT = new ReplyLimits(512 << 20, 1 << 20, 32);
}
