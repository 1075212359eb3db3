package dev.heddle.resp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes that have been written but not sent yet: small ones copied together, large ones where they are. The buffer is
 * small while the connection is idle, and larger under load; what it has no room for is sent.
 *
 * <p><b>Threading:</b> belongs to the writer, and to the thread that owns that.
 */
final class OutputBuffer {
    /** Kept by idle connections: room for the small replies, which then need no memory of their own. */
    private static final int IDLE_BYTES = 256;
    private static final int BUSY_BYTES = 8 << 10;
    /** The sign and digits of a long. */
    private static final int MAX_NUMBER_BYTES = 20;
    /** Large parts wait for the flush too, but not for long: they hold memory. */
    private static final int MAX_WAITING_BYTES = 128 << 10;

    private final RespOutput out;
    private final List<ByteBuffer> parts = new ArrayList<>(); // what goes out before the rest of the buffer
    private byte[] idleBuffer = {}; // made by the first write
    private byte[] buffer = idleBuffer; // or a larger one until the flush
    private final ByteBuffer[] idleBufferAlone = {ByteBuffer.allocate(0)}; // the usual reply costs no new object
    private int count;
    private int mark; // what comes before it in the buffer is in the parts
    private int waitingBytes; // large arrays in the parts

    OutputBuffer(RespOutput out) {
        this.out = out;
    }

    void put(int b) throws IOException {
        makeRoom(1);
        buffer[count++] = (byte) b;
    }

    void lineEnd() throws IOException {
        makeRoom(2);
        buffer[count++] = '\r';
        buffer[count++] = '\n';
    }

    void number(long number) throws IOException {
        makeRoom(MAX_NUMBER_BYTES);
        if (number < 0) {
            buffer[count++] = '-';
        }
        long rest = number < 0 ? number : -number; // Long.MIN_VALUE has no positive counterpart
        int digits = 1;
        for (long r = rest; r <= -10; r /= 10) {
            digits++;
        }
        for (int i = count + digits - 1; i >= count; i--) {
            buffer[i] = (byte) ('0' - rest % 10);
            rest /= 10;
        }
        count += digits;
    }

    /** Copies the bytes, or takes the array as it is when it is large: until the flush it must not change. */
    void put(byte[] bytes) throws IOException {
        if (bytes.length > BUSY_BYTES / 2) {
            put(ByteBuffer.wrap(bytes));
            return;
        }
        makeRoom(bytes.length);
        System.arraycopy(bytes, 0, buffer, count, bytes.length);
        count += bytes.length;
    }

    /** Copies the bytes when they are few, or takes them as they are: until the flush they must not change. */
    void put(ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        if (length <= BUSY_BYTES / 2) {
            makeRoom(length);
            bytes.get(buffer, count, length);
            count += length;
            return;
        }
        if (waitingBytes > 0 && waitingBytes + length > MAX_WAITING_BYTES) {
            drain();
        }
        partOfBuffer();
        waitingBytes += length;
        parts.add(bytes);
    }

    /** Sends everything, and gives the larger buffer back. */
    void flush() throws IOException {
        drain();
        buffer = idleBuffer;
        out.flush();
    }

    /** For at most half of the large buffer at once. */
    private void makeRoom(int bytes) throws IOException {
        if (bytes <= buffer.length - count) {
            return;
        }
        if (idleBuffer.length == 0) {
            idleBuffer = new byte[IDLE_BYTES];
            idleBufferAlone[0] = ByteBuffer.wrap(idleBuffer);
            buffer = idleBuffer;
        }
        if (bytes > buffer.length - count && buffer.length < BUSY_BYTES) {
            buffer = Arrays.copyOf(buffer, BUSY_BYTES);
        } else if (bytes > buffer.length - count) {
            drain();
        }
    }

    private void partOfBuffer() {
        if (count > mark) {
            parts.add(ByteBuffer.wrap(buffer, mark, count - mark));
            mark = count;
        }
    }

    private void drain() throws IOException {
        if (parts.isEmpty() && buffer == idleBuffer) {
            ByteBuffer written = idleBufferAlone[0].position(0).limit(count);
            count = 0; // first: what fails is not sent twice
            if (written.hasRemaining()) {
                out.write(idleBufferAlone);
            }
            return;
        }
        partOfBuffer();
        ByteBuffer[] all = parts.toArray(ByteBuffer[]::new);
        parts.clear();
        waitingBytes = 0;
        count = 0;
        mark = 0;
        if (all.length > 0) {
            out.write(all);
        }
    }
}
