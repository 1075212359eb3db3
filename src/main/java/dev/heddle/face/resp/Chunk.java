package dev.heddle.face.resp;

import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Output on its way from a pipe to a socket. Large chunks use memory outside the heap, which the socket takes
 * without another copy and the garbage collector never sees; a few are kept for all streams. Whoever has sent a
 * chunk closes it.
 */
final class Chunk implements AutoCloseable {
    private static final int KEPT_BYTES = 64 << 10; // as much as a pipe holds by default, see pipe(7)
    private static final int MAX_KEPT = 64;
    /** What is smaller costs less as an array of its own. */
    private static final int SMALL_BYTES = 4 << 10;

    private static final Queue<ByteBuffer> FREE = new ConcurrentLinkedQueue<>();
    private static final AtomicInteger KEPT = new AtomicInteger(); // that were ever made

    private final ByteBuffer bytes;
    private final ByteBuffer kept; // null, or where the bytes are

    private Chunk(ByteBuffer bytes, ByteBuffer kept) {
        this.bytes = bytes;
        this.kept = kept;
    }

    /** Copies what is left in the source. */
    static Chunk of(ByteBuffer source) {
        int length = source.remaining();
        ByteBuffer kept = length > SMALL_BYTES && length <= KEPT_BYTES ? keptOrNull() : null;
        ByteBuffer bytes = kept == null ? ByteBuffer.allocate(length) : kept.clear();
        bytes.put(source).flip();
        return new Chunk(bytes, kept);
    }

    private static ByteBuffer keptOrNull() {
        ByteBuffer free = FREE.poll();
        if (free != null) {
            return free;
        }
        return KEPT.get() < MAX_KEPT && KEPT.incrementAndGet() <= MAX_KEPT
                ? ByteBuffer.allocateDirect(KEPT_BYTES) : null;
    }

    /** To be read once, by whoever sends them. */
    ByteBuffer bytes() {
        return bytes;
    }

    @Override
    public void close() {
        if (kept != null) {
            FREE.add(kept);
        }
    }
}
