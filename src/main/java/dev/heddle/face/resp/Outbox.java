package dev.heddle.face.resp;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.run.MemoryBudget;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The pushes of one streaming command on their way to its client. The command's scope puts output in and waits
 * while there is too much; the reading thread adds its answers; the lane takes everything, and so it alone
 * writes to the socket: an interrupt of the scope must not reach a thread that does.
 *
 * <p>What clients leave unread counts in the memory budget, and may take half of it. When that is used up a stream
 * goes on with one small piece at a time, so that none comes to a halt because others do not read.
 */
public final class Outbox {
    /** Enough to fill one write while the one before it is under way. */
    private static final int ENOUGH_OUTPUT_BYTES = 64 << 10;
    /** Beyond that, and beyond so many bytes, a client that asks and does not read has to wait. */
    private static final int MAX_ITEMS = 1024;
    private static final int MAX_WORD_BYTES = 64 << 10;
    /** When there is no memory for more. */
    private static final int MAX_UNRESERVED = 16;
    /** The objects around a piece of output, which may be a single byte, or around a word. */
    private static final int PIECE_OVERHEAD_BYTES = 256;
    /** When there is no memory for more; as much as a small pipe holds. */
    private static final int SMALL_PIECE_BYTES = 4 << 10;

    /**
     * A push: its values, and behind them its output if there is any.
     *
     * @param bytes    what it holds
     * @param reserved whether the memory budget had room for that
     */
    record Item(List<RespValue> values, Optional<Chunk> output, int bytes, boolean reserved) {}

    private final MemoryBudget budget;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private List<Item> items = new ArrayList<>(); // this and all below: guarded by lock
    private int outputBytes;
    private int wordBytes;
    private int unreserved; // pieces that are not sent yet, and that the budget had no room for
    private int held; // answers that are still to be added, even if the command has ended meanwhile
    private boolean finished;
    private boolean closed;

    Outbox(MemoryBudget budget) {
        this.budget = budget;
    }

    /** Waits while the client is behind with its output. */
    void awaitRoom() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && (outputBytes >= ENOUGH_OUTPUT_BYTES || unreserved > 0)) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** How much output may come at once. */
    int room() {
        return hasMemory(ENOUGH_OUTPUT_BYTES) ? ENOUGH_OUTPUT_BYTES : SMALL_PIECE_BYTES;
    }

    private boolean hasMemory(int bytes) {
        return budget.reservedBytes() + bytes <= budget.maxBytes() / 2;
    }

    /** Adds a push with output at its end. Never blocks. */
    void put(List<RespValue> values, Chunk output) {
        lock.lock();
        try {
            if (closed) {
                output.close();
            } else {
                int bytes = output.bytes().remaining() + PIECE_OVERHEAD_BYTES;
                outputBytes += bytes;
                add(values, Optional.of(output), bytes);
            }
        } finally {
            lock.unlock();
        }
    }

    private void add(List<RespValue> values, Optional<Chunk> output, int bytes) {
        boolean reserved = hasMemory(bytes) && budget.tryReserve(bytes);
        unreserved += reserved ? 0 : 1;
        items.add(new Item(values, output, bytes, reserved));
        changed.signalAll();
    }

    /** Adds a short word that is no output. False when the last push has been taken: there is no place for it then. */
    boolean add(Push push) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && (items.size() >= MAX_ITEMS || wordBytes >= MAX_WORD_BYTES
                    || unreserved >= MAX_UNRESERVED)) {
                changed.await();
            }
            if (!closed) {
                int bytes = PIECE_OVERHEAD_BYTES;
                for (RespValue value : push.values()) {
                    bytes += value instanceof BulkString text ? text.bytes().length : 0;
                }
                wordBytes += bytes;
                add(push.values(), Optional.empty(), bytes);
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

    /** Keeps a place for a word until {@link #letGo}. False when the last push has been taken. */
    boolean hold() {
        lock.lock();
        try {
            held += closed ? 0 : 1;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    void letGo() {
        lock.lock();
        try {
            held--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The command has ended: what is here is all, but for what is held a place. */
    void finish() {
        lock.lock();
        try {
            finished = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What was taken is on its way, or lost: its memory is free. */
    void sent(List<Item> taken) {
        lock.lock();
        try {
            free(taken);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void free(List<Item> done) {
        for (Item item : done) {
            item.output().ifPresent(Chunk::close);
            if (item.reserved()) {
                budget.release(item.bytes());
            } else {
                unreserved--;
            }
        }
    }

    /**
     * Waits for pushes and takes them all, to be given to {@link #sent}; an empty list when there are no more, and
     * then none can be added.
     */
    List<Item> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (items.isEmpty() && (!finished || held > 0) && !closed) {
                changed.await();
            }
            List<Item> taken = items;
            items = new ArrayList<>();
            outputBytes = 0;
            wordBytes = 0;
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
            free(items);
            items.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
