package dev.heddle.memory;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A run of bytes of one stream, in an array that grows up to a chunk of the pool. Bytes that were written never change,
 * so that readers need no copy.
 *
 * <p><b>Threading:</b> its log guards it by its lock. Readers hold it, and use their views without the lock; the last
 * holder gives the chunk back.
 */
final class Segment {
    static final int LEAST_BYTES = 64;
    static final int MAX_BYTES = ChunkPool.CHUNK_BYTES;
    static final int OVERHEAD_BYTES = 128; // the objects around the bytes

    private final AtomicInteger holders = new AtomicInteger(1);
    final int stream;
    private byte[] bytes;
    private int start; // bytes before it have been dropped
    private int size;
    private long offset; // of the byte at start
    private int counted; // in the memory budget

    /** An empty segment whose capacity and overhead are reserved, or nothing where {@code counted} is 0. */
    Segment(int stream, long offset, int capacity, int counted) {
        this.stream = stream;
        this.offset = offset;
        this.counted = counted;
        bytes = array(capacity);
    }

    private static byte[] array(int capacity) {
        return capacity == MAX_BYTES ? ChunkPool.take() : new byte[capacity];
    }

    int capacity() {
        return bytes.length;
    }

    int counted() {
        return counted;
    }

    int length() {
        return size - start;
    }

    long offset() {
        return offset;
    }

    long endOffset() {
        return offset + size - start;
    }

    boolean isFull() {
        return size == bytes.length;
    }

    /** Takes as many bytes as fit, and returns how many. */
    int fill(ByteBuffer source) {
        int n = Math.min(source.remaining(), bytes.length - size);
        source.get(bytes, size, n);
        size += n;
        return n;
    }

    /** Gets a larger array, for which the difference has been reserved. Views of the old one stay valid. */
    void grow(int capacity) {
        byte[] larger = array(capacity);
        System.arraycopy(bytes, 0, larger, 0, size);
        counted += capacity - bytes.length;
        bytes = larger; // one that can grow is none of the pool's
    }

    /** Forgets the first bytes. */
    void drop(int count) {
        start += count;
        offset += count;
    }

    /** Returns an empty segment with the capacity and the reservation of this one, which is let go. */
    Segment replaced(int newStream, long newOffset) {
        letGo();
        return new Segment(newStream, newOffset, bytes.length, counted);
    }

    /** Returns a segment like this one that holds the second half of its bytes; this one is let go. */
    Segment halved() {
        Segment half = new Segment(stream, endOffset() - size / 2, bytes.length, counted);
        half.fill(ByteBuffer.wrap(bytes, size - size / 2, size / 2));
        letGo();
        return half;
    }

    /** Returns a view of at most so many bytes from an offset on that lies inside. */
    ByteBuffer view(long from, int maxBytes) {
        int first = start + (int) (from - offset);
        return ByteBuffer.wrap(bytes, first, Math.min(maxBytes, size - first)).slice();
    }

    /** Returns a view of all of it. */
    ByteBuffer view() {
        return view(offset, length());
    }

    void hold() {
        holders.incrementAndGet();
    }

    void letGo() {
        if (holders.decrementAndGet() == 0) {
            ChunkPool.give(bytes);
        }
    }
}
