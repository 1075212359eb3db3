package dev.heddle.resp;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Where a {@link RespWriter} writes to. */
@FunctionalInterface
public interface RespOutput {
    /** Writes all bytes of all parts, one behind the other; blocks while the peer takes nothing. */
    void write(ByteBuffer... parts) throws IOException;

    /** Sends what {@link #write} may have kept back. */
    default void flush() throws IOException {
        // nothing is kept back
    }

    /** A stream, which takes the parts one by one; they must be arrays. */
    static RespOutput of(OutputStream out) {
        return new RespOutput() {
            @Override
            public void write(ByteBuffer... parts) throws IOException {
                for (ByteBuffer part : parts) {
                    out.write(part.array(), part.arrayOffset() + part.position(), part.remaining());
                }
            }

            @Override
            public void flush() throws IOException {
                out.flush();
            }
        };
    }
}
