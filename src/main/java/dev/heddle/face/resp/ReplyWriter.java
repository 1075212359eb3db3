package dev.heddle.face.resp;

import dev.heddle.resp.RespOutput;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespVersion;
import dev.heddle.resp.RespWriter;
import dev.heddle.time.Cancellation;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The way back to one client. Each value goes out whole.
 *
 * <p><b>Threading:</b> replies come from the thread that executes a verb, and messages of subscriptions from others at
 * the same time; a lock keeps them apart.
 */
final class ReplyWriter {
    private final RespWriter writer;
    private final ReentrantLock lock = new ReentrantLock(); // held while a write blocks

    ReplyWriter(RespOutput out) {
        writer = new RespWriter(out);
    }

    private interface Writing {
        void run() throws IOException;
    }

    private void locked(Writing writing) throws IOException {
        lock.lock();
        try {
            writing.run();
        } finally {
            lock.unlock();
        }
    }

    /** Writes a reply, to be flushed later. */
    void write(RespValue value, RespVersion version) throws IOException {
        locked(() -> writer.write(value, version));
    }

    void flush() throws IOException {
        locked(writer::flush);
    }

    /** Writes and flushes in one step. Blocks while the client does not read: that is the backpressure. */
    void send(RespValue value, RespVersion version) throws IOException {
        locked(() -> {
            writer.write(value, version);
            writer.flush();
        });
    }

    /** Writes and flushes in one step, or does nothing if it has been cancelled by the time that its turn comes. */
    void sendUnless(Cancellation cancellation, RespValue value, RespVersion version) throws IOException {
        locked(() -> {
            if (!cancellation.isCancelled()) {
                send(value, version);
            }
        });
    }

    /** Writes and flushes the pushes of a stream, which only clients of RESP3 have. */
    void send(List<RespValue.Push> pushes) throws IOException {
        locked(() -> {
            for (RespValue.Push push : pushes) {
                writer.write(push, RespVersion.RESP3);
            }
            writer.flush();
        });
    }
}
