package dev.heddle.process.linux.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Memory outside the heap for one call at a time, and a place for its errno. A silent command holds none. */
public final class Buffer implements AutoCloseable {
    /** As much as a pipe holds by default, see {@code pipe(7)}. */
    static final int BYTES = 64 * 1024;
    /** Enough for every call; the search for a program needs most. */
    private static final int SPARE_BYTES = 16 * 1024;
    /** Virtual threads never need more than there are carriers; many platform threads sometimes do. */
    private static final int MAX_KEPT = 64;

    private static final Queue<Buffer> FREE = new ConcurrentLinkedQueue<>();
    private static final AtomicInteger KEPT = new AtomicInteger(); // buffers that live as long as the JVM

    public final MemorySegment memory;
    final MemorySegment errno;
    private final ByteBuffer bytes;
    private final Arena arena; // null for a buffer that is kept

    private Buffer(Arena arena, int bytes, boolean kept) {
        memory = arena.allocate(bytes, 16);
        this.bytes = memory.asByteBuffer();
        errno = Libc.errnoPlace(arena);
        this.arena = kept ? null : arena;
    }

    /** Takes a free buffer, or makes one: a smaller one that is not kept, when enough are. */
    public static Buffer borrow() {
        Buffer free = FREE.poll();
        if (free != null) {
            return free;
        }
        if (KEPT.get() < MAX_KEPT && KEPT.incrementAndGet() <= MAX_KEPT) {
            return new Buffer(Arena.global(), BYTES, true);
        }
        Arena arena = Arena.ofConfined();
        try {
            return new Buffer(arena, SPARE_BYTES, false);
        } catch (OutOfMemoryError e) {
            arena.close();
            throw e;
        }
    }

    public int size() {
        return (int) memory.byteSize();
    }

    /** The first bytes of the memory, to be read once and while the buffer is borrowed. */
    public ByteBuffer first(int count) {
        return bytes.clear().limit(count);
    }

    @Override
    public void close() {
        if (arena == null) {
            FREE.add(this);
        } else {
            arena.close();
        }
    }
}
