package dev.heddle.net;

import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Room for TLS records on their way to a socket, outside the heap: the kernel takes them without another copy. A
 * few are kept for all clients, because most clients write seldom.
 *
 * <p><b>Threading:</b> belongs to the thread that writes the records and closes it afterwards.
 */
final class TlsRecords implements AutoCloseable {
    /** Holds several records of the usual greatest size, see RFC 8446, 5.2, and what the JDK puts on top. */
    private static final int KEPT_BYTES = 67 << 10;
    private static final int MAX_KEPT = 64;

    private static final Queue<ByteBuffer> FREE = new ConcurrentLinkedQueue<>();
    private static final AtomicInteger KEPT = new AtomicInteger(); // that were ever made

    private final ByteBuffer bytes;
    private final boolean kept;

    private TlsRecords(ByteBuffer bytes, boolean kept) {
        this.bytes = bytes;
        this.kept = kept;
    }

    /** @param minBytes the room that one record needs */
    static TlsRecords borrow(int minBytes) {
        ByteBuffer free = minBytes <= KEPT_BYTES ? FREE.poll() : null;
        if (free != null) {
            return new TlsRecords(free.clear(), true);
        }
        if (minBytes <= KEPT_BYTES && KEPT.get() < MAX_KEPT && KEPT.incrementAndGet() <= MAX_KEPT) {
            return new TlsRecords(ByteBuffer.allocateDirect(KEPT_BYTES), true);
        }
        return new TlsRecords(ByteBuffer.allocate(minBytes), false);
    }

    ByteBuffer bytes() {
        return bytes;
    }

    @Override
    public void close() {
        if (kept) {
            FREE.add(bytes);
        }
    }
}
