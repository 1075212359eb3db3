package dev.heddle.server.resp;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.Push;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The pushes of one streaming command on their way to its client. The command's scope puts output in and waits
 * while there is too much; the reading thread adds its answers; the lane takes everything, and so it alone
 * writes to the socket: an interrupt of the scope must not reach a thread that does.
 */
final class Outbox {
    /** Enough to fill one write while the one before it is under way. */
    private static final int ENOUGH_OUTPUT_BYTES = 64 << 10;
    /** Beyond that, a client that asks and does not read has to wait. */
    private static final int MAX_ITEMS = 1024;

    /** A push: its values, and behind them its output if there is any. Whoever has taken it closes it. */
    record Item(List<RespValue> values, Optional<Chunk> output) implements AutoCloseable {
        @Override
        public void close() {
            output.ifPresent(Chunk::close);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private List<Item> items = new ArrayList<>(); // this and all below: guarded by lock
    private int outputBytes;
    private boolean finished;
    private boolean closed;

    /** Waits while the client is behind with its output. */
    void awaitRoom() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && outputBytes >= ENOUGH_OUTPUT_BYTES) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Adds a push with output at its end. Never blocks. */
    void put(List<RespValue> values, Chunk output) {
        lock.lock();
        try {
            if (closed) {
                output.close();
            } else {
                outputBytes += output.bytes().remaining();
                items.add(new Item(values, Optional.of(output)));
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Adds a word that is no output. False when the last push has been taken: then there is no place for it. */
    boolean add(Push push) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && items.size() >= MAX_ITEMS) {
                changed.await();
            }
            if (!closed) {
                items.add(new Item(push.values(), Optional.empty()));
                changed.signalAll();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** Whether pushes can still be added. */
    boolean isOpen() {
        lock.lock();
        try {
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** The command has ended: what is here is all. */
    void finish() {
        lock.lock();
        try {
            finished = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for pushes and takes them all; an empty list when there are no more, and then none can be added. */
    List<Item> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (items.isEmpty() && !finished && !closed) {
                changed.await();
            }
            List<Item> taken = items;
            items = new ArrayList<>();
            outputBytes = 0;
            closed |= taken.isEmpty();
            changed.signalAll();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Nobody takes pushes any more: what is here, and what comes, is thrown away. */
    void close() {
        lock.lock();
        try {
            closed = true;
            items.forEach(Item::close);
            items.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
