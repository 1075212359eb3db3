package dev.heddle.face.resp;

import dev.heddle.resp.RespOutput;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespVersion;
import dev.heddle.resp.RespWriter;
import dev.heddle.run.Cancellation;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The way back to one client. ReplyWriter come from the thread that executes a command; messages of subscriptions
 * come from others at the same time, so each value goes out whole under a lock. The session makes it.
 */
final class ReplyWriter {
    private final RespWriter writer;
    private final ReentrantLock lock = new ReentrantLock(); // held while a write blocks

    ReplyWriter(RespOutput out) {
        writer = new RespWriter(out);
    }

    /** Writes a reply, to be flushed later. */
    void write(RespValue value, RespVersion version) throws IOException {
        lock.lock();
        try {
            writer.write(value, version);
        } finally {
            lock.unlock();
        }
    }

    /** Writes and flushes pushes of a streaming command. */
    void send(List<Outbox.Item> items) throws IOException {
        lock.lock();
        try {
            for (Outbox.Item item : items) {
                if (item.output().isPresent()) {
                    writer.writePush(item.values(), item.output().get().bytes());
                } else {
                    writer.write(new RespValue.Push(item.values()), RespVersion.RESP3);
                }
            }
            writer.flush();
        } finally {
            lock.unlock();
        }
    }

    void flush() throws IOException {
        lock.lock();
        try {
            writer.flush();
        } finally {
            lock.unlock();
        }
    }

    /** The same as {@link #send}, or nothing if it has been cancelled by the time that its turn comes. */
    void sendUnless(Cancellation cancellation, RespValue value, RespVersion version) throws IOException {
        lock.lock();
        try {
            if (!cancellation.isCancelled()) {
                send(value, version);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Writes and flushes in one step. Blocks while the client does not read: that is the backpressure. */
    void send(RespValue value, RespVersion version) throws IOException {
        lock.lock();
        try {
            writer.write(value, version);
            writer.flush();
        } finally {
            lock.unlock();
        }
    }
}
