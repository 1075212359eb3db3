package dev.heddle.memory;

import dev.heddle.command.CommandEnd;
import dev.heddle.time.Cancellation;
import dev.heddle.time.Deadline;
import dev.heddle.time.Guard;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;

/**
 * What a command has printed, in the order in which it came, and at last how the command ended. Every byte has its
 * offset, counted over both streams, so that what is not kept shows as a jump. The bytes lie in chunks of the
 * {@link ChunkPool}, from which they are sent as they are; little output takes a small array instead.
 *
 * <p><b>Threading:</b> the command's drains write; any thread may read, and wait.
 */
public final class OutputLog implements AutoCloseable {
    public static final int STDOUT = 1;
    public static final int STDERR = 2;

    private static final int MAX_VIEWS = 2048; // of a page: streams that alternate byte by byte are mostly objects
    private static final int VIEW_BYTES = 256; // the objects around a view until it is sent
    /** Of a reader without memory for more: it goes on nevertheless. */
    private static final int SMALL_BYTES = 4 << 10;
    private static final int SMALL_VIEWS = 16;

    private final Guard lock = new Guard();
    private final Condition changed = lock.newCondition();
    private final Account account; // this and all below: guarded by lock
    private final Retention retention;
    private CommandEnd end; // null until the command has ended
    private boolean discarded;

    private OutputLog(Account account, Retention retention) {
        this.account = account;
        this.retention = retention;
    }

    /** A log that keeps at most so many bytes, half of them from the beginning. Its writers never wait. */
    public static OutputLog keeping(int maxBytes, MemoryBudget budget) {
        Account account = new Account(budget);
        return new OutputLog(account, new HeadAndTail(maxBytes, account));
    }

    /** A log for one reader: it keeps what that has not read, and lets the writers wait. */
    public static OutputLog passing(MemoryBudget budget) {
        Account account = new Account(budget);
        return new OutputLog(account, new Unread(account));
    }

    /** Waits while the one reader is behind. */
    public void awaitRoom() throws InterruptedException {
        try (Guard.Held held = lock.holdInterruptibly()) {
            while (retention.isFull()) {
                changed.await();
            }
        }
    }

    /** How many bytes may be appended at once. */
    public int room() {
        try (Guard.Held held = lock.hold()) {
            return retention.room();
        }
    }

    /** Takes what the command has printed. Never waits for readers. Returns how many bytes came so far. */
    public long append(int stream, ByteBuffer source) {
        try (Guard.Held held = lock.hold()) {
            retention.append(stream, source);
            changed.signalAll();
            return retention.total();
        }
    }

    /** The command has ended, and all its output is here. */
    public void finish(CommandEnd howItEnded) {
        try (Guard.Held held = lock.hold()) {
            retention.finish();
            end = howItEnded;
            changed.signalAll();
        }
    }

    /** Counts what it holds as its user's no more; after the end. */
    public void leaveShare() {
        try (Guard.Held held = lock.hold()) {
            account.leaveShare();
        }
    }

    /** Gives the memory back. Readers find nothing any more, and writers do not wait. */
    @Override
    public void close() {
        try (Guard.Held held = lock.hold()) {
            if (!discarded) {
                discarded = true;
                retention.discard();
                account.close();
                changed.signalAll();
            }
        }
    }

    /**
     * Reads on from a cursor; blocks until there is something, or the command has ended, or the wait is over or
     * cancelled.
     *
     * @param cursor   an offset, from 0 to where the output ends; of a passing log where the last page ended
     * @param maxBytes how much is handed out at most, at least 1
     * @param reader   whose memory the page of a keeping log takes; when that is used up the page is a small one
     * @return the page, to be closed once it has been sent
     * @throws IndexOutOfBoundsException when the output does not reach to the cursor
     */
    public Page read(long cursor, int maxBytes, Duration maxWait, Cancellation cancellation, MemoryBudget reader)
            throws InterruptedException {
        try (Cancellation.Listening listening = cancellation.whenCancelled(this::wakeReaders)) {
            return read(cursor, maxBytes, Deadline.in(maxWait), cancellation::isCancelled, reader);
        }
    }

    /**
     * Reads as the other method does, for a reader that waits for something else too.
     *
     * @param isOver ends the wait: asked, under the lock, at first and after each {@link #wakeReaders}
     */
    public Page read(long cursor, int maxBytes, Deadline deadline, BooleanSupplier isOver, MemoryBudget reader)
            throws InterruptedException {
        try (Guard.Held held = lock.holdInterruptibly()) {
            if (cursor < 0 || cursor > retention.total()) {
                throw new IndexOutOfBoundsException("the output ends at " + retention.total());
            }
            while (cursor == retention.total() && end == null && !isOver.getAsBoolean()) {
                if (deadline.left() <= 0) {
                    break;
                }
                deadline.await(changed);
            }
            return retention instanceof Unread ? passedOn(cursor, maxBytes) : page(cursor, maxBytes, reader);
        }
    }

    public void wakeReaders() {
        try (Guard.Held held = lock.hold()) {
            changed.signalAll();
        }
    }

    private Page page(long cursor, int maxBytes, MemoryBudget reader) {
        long most = Math.min(maxBytes, retention.total() - cursor);
        long wanted = most == 0 ? 0 : most + (long) Math.min(retention.segments(), MAX_VIEWS) * VIEW_BYTES;
        boolean reserved = wanted > 0 && reader.tryReserve(wanted);
        Page page = null;
        try {
            Page.Parts parts = new Page.Parts();
            long next = reserved ? retention.read(cursor, maxBytes, MAX_VIEWS, parts)
                    : retention.read(cursor, Math.min(maxBytes, SMALL_BYTES), SMALL_VIEWS, parts);
            page = new Page(next, endAt(next), parts, reserved ? () -> reader.release(wanted) : () -> { });
            return page;
        } finally {
            if (reserved && page == null) {
                reader.release(wanted);
            }
        }
    }

    private Page passedOn(long cursor, int maxBytes) {
        Page.Parts parts = new Page.Parts();
        long next = retention.read(cursor, maxBytes, MAX_VIEWS, parts);
        changed.signalAll();
        return new Page(next, endAt(next), parts, this::sent);
    }

    private Optional<CommandEnd> endAt(long next) {
        return next == retention.total() ? Optional.ofNullable(end) : Optional.empty();
    }

    private void sent() {
        try (Guard.Held held = lock.hold()) {
            retention.sent();
            changed.signalAll();
        }
    }

    /** How the command has ended; empty before. */
    public Optional<CommandEnd> end() {
        try (Guard.Held held = lock.hold()) {
            return Optional.ofNullable(end);
        }
    }

    /** All that is kept, in new views, which are valid until the log is closed. */
    public List<ByteBuffer> bytes() {
        try (Guard.Held held = lock.hold()) {
            List<ByteBuffer> views = new ArrayList<>(retention.segments());
            retention.forEach(segment -> views.add(segment.view()));
            return views;
        }
    }

    /** How many bytes the command has printed so far. */
    public long total() {
        try (Guard.Held held = lock.hold()) {
            return retention.total();
        }
    }

    /** How many of them are not kept. */
    public long bytesLeftOut() {
        try (Guard.Held held = lock.hold()) {
            return retention.total() - retention.kept();
        }
    }

    public long reservedBytes() {
        try (Guard.Held held = lock.hold()) {
            return account.reservedBytes();
        }
    }
}
