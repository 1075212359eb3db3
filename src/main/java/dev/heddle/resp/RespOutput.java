package dev.heddle.resp;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** The destination of a {@link RespWriter}. */
@FunctionalInterface
public interface RespOutput {
    /** Writes all bytes of all parts in order; blocks while the peer takes nothing. */
    void write(ByteBuffer... parts) throws IOException;

    /** Sends bytes that {@link #write} may have kept back. */
    default void flush() throws IOException {} // nothing is kept back

    /** Returns an output that writes to a stream, one part after the other; the parts must be arrays. */
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
