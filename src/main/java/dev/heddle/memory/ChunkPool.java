package dev.heddle.memory;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Arrays of one size for what the server holds of large outputs and inputs. Large payloads then make no garbage: an
 * array that was given back is taken again, the last one first, since it is most likely in the processor's cache.
 * What was not given back is garbage and does no harm.
 *
 * <p><b>Threading:</b> any thread may call it.
 */
public final class ChunkPool {
    /** As much as a pipe holds by default, see {@code pipe(7)}. Chunks of a quarter of it cost a tenth of the rate. */
    public static final int CHUNK_BYTES = 64 << 10;
    /** An eighth of the heap, which is half of what the memory budget grants by default, but at most 128 MiB. */
    private static final long MAX_FREE = Math.min(Runtime.getRuntime().maxMemory() / 8, 128 << 20) / CHUNK_BYTES;

    private static final Deque<byte[]> FREE = new ArrayDeque<>(); // guarded by itself

    private ChunkPool() {}

    /** Returns an array of {@link #CHUNK_BYTES}, which may hold anything. */
    public static byte[] take() {
        byte[] used;
        synchronized (FREE) {
            used = FREE.poll();
        }
        return used == null ? new byte[CHUNK_BYTES] : used;
    }

    /** Takes an array back that nobody uses any more; one of another size is left to the garbage collector. */
    public static void give(byte[] chunk) {
        synchronized (FREE) {
            if (chunk.length == CHUNK_BYTES && FREE.size() < MAX_FREE) {
                FREE.push(chunk);
            }
        }
    }
}
