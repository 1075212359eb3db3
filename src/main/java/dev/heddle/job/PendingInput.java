package dev.heddle.job;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.run.StdinSource;
import dev.heddle.time.Cancellation;
import dev.heddle.time.Deadline;
import dev.heddle.time.Guard;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;

/**
 * What a running command is still to read. Clients write by offset, so that a write may be sent again, and wait while
 * the program does not read; or they write within a credit that they have, and never wait. The command's scope takes
 * all of it in the order in which it came.
 *
 * <p><b>Threading:</b> any thread may write; the scope's stdin thread takes.
 */
public final class PendingInput implements StdinSource {
    /** Held of writes by offset for a program that does not read at the moment. */
    private static final int MAX_PENDING_BYTES = 64 << 10;

    /** Somebody who writes within a credit. Called by the scope's stdin thread, which may be held up. */
    public interface Creditor {
        /** The program has read some bytes of theirs; {@code isAll} when nothing else is pending. */
        void taken(int bytes, boolean isAll) throws InterruptedException;

        /** The program takes nothing more. */
        void refused() throws InterruptedException;
    }

    /**
     * Some input that the program has not got.
     *
     * @param creditor      who is told when it is taken; null for a write by offset
     * @param reservedBytes in the budget, if it is not within the credit of somebody
     */
    private record Piece(byte[] bytes, Creditor creditor, int reservedBytes) {}

    private enum State {
        OPEN,
        /** Nothing more comes. */
        ENDED,
        /** The program has closed its stdin. */
        REFUSED,
        /** The command has ended. */
        CLOSED
    }

    private final MemoryBudget budget;
    private final Guard lock = new Guard();
    private final Condition changed = lock.newCondition();
    private final List<Piece> pieces = new LinkedList<>(); // this and all below: guarded by lock
    private final Set<Creditor> creditors = new LinkedHashSet<>(1);
    private Piece underWay; // on its way to the program
    private int pendingBytes; // of writes by offset, with those under way
    private long accepted;
    private State state = State.OPEN;

    PendingInput(MemoryBudget budget) {
        this.budget = budget;
    }

    /** Adds somebody who writes within a credit. False when the program takes nothing more. */
    public boolean add(Creditor creditor) {
        try (Guard.Held held = lock.hold()) {
            creditors.add(creditor);
            return state == State.OPEN || state == State.ENDED;
        }
    }

    /** Forgets a creditor who has gone. What they have written is still for the program. */
    public void remove(Creditor creditor) {
        try (Guard.Held held = lock.hold()) {
            creditors.remove(creditor);
            pieces.replaceAll(piece -> piece.creditor() == creditor ? withoutCreditor(piece) : piece);
            underWay = underWay != null && underWay.creditor() == creditor ? withoutCreditor(underWay) : underWay;
        }
    }

    private Piece withoutCreditor(Piece piece) {
        int bytes = piece.bytes().length;
        pendingBytes += bytes;
        return new Piece(piece.bytes(), null, budget.tryReserve(bytes) ? bytes : 0);
    }

    /** Takes a piece of somebody who has credit for it; throws it away when nothing more can be taken. Never blocks. */
    public void put(byte[] piece, Creditor creditor) {
        try (Guard.Held held = lock.hold()) {
            if (state == State.OPEN && piece.length > 0) {
                add(new Piece(piece, creditor, 0));
            }
        }
    }

    private void add(Piece piece) {
        pieces.add(piece);
        accepted += piece.bytes().length;
        changed.signalAll();
    }

    /**
     * Takes bytes that belong at an offset, as many as there is room for; blocks while there is none. Those
     * before the accepted offset are known already and skipped.
     *
     * @return how many bytes have been accepted in all, when all of these are, or the wait is over or cancelled
     * @throws RefusedException when none of them can be taken
     */
    public long write(long offset, byte[] bytes, Duration maxWait, Cancellation cancellation)
            throws RefusedException, InterruptedException {
        try (Cancellation.Listening listening = cancellation.whenCancelled(this::wake)) {
            return write(offset, bytes, Deadline.in(maxWait), cancellation);
        }
    }

    private long write(long offset, byte[] bytes, Deadline deadline, Cancellation cancellation)
            throws RefusedException, InterruptedException {
        try (Guard.Held held = lock.holdInterruptibly()) {
            if (offset < 0 || offset > accepted) {
                throw refused("stdin has been written up to " + accepted + " only");
            }
            int known = (int) Math.min(bytes.length, accepted - offset);
            while (known < bytes.length) {
                requireOpen();
                int room = Math.min(bytes.length - known, MAX_PENDING_BYTES - pendingBytes);
                if (room > 0 && budget.tryReserve(room)) {
                    pendingBytes += room;
                    add(new Piece(Arrays.copyOfRange(bytes, known, known + room), null, room));
                    known += room;
                } else {
                    long nanos = deadline.left();
                    if (nanos <= 0 || cancellation.isCancelled()) {
                        break;
                    }
                    changed.awaitNanos(nanos);
                }
            }
            return accepted;
        }
    }

    private void requireOpen() throws RefusedException {
        switch (state) {
            case OPEN -> { }
            case ENDED -> throw refused("stdin has been ended at " + accepted);
            case REFUSED, CLOSED -> throw refused("the program has closed its stdin");
        }
    }

    private static RefusedException refused(String message) {
        return new RefusedException(Refusal.WRONG_STATE, message);
    }

    /** Lets the program see the end of its input, behind what was written. */
    public void end() {
        try (Guard.Held held = lock.hold()) {
            if (state == State.OPEN) {
                state = State.ENDED;
                changed.signalAll();
            }
        }
    }

    @Override
    public ByteBuffer next() throws InterruptedException {
        settle();
        try (Guard.Held held = lock.holdInterruptibly()) {
            while (pieces.isEmpty() && state == State.OPEN) {
                changed.await();
            }
            underWay = pieces.isEmpty() ? null : pieces.removeFirst();
            return underWay == null ? null : ByteBuffer.wrap(underWay.bytes());
        }
    }

    /** The last piece is with the program by now. */
    private void settle() throws InterruptedException {
        Piece done = null;
        boolean isAll = false;
        try (Guard.Held held = lock.hold()) {
            if (underWay != null && underWay.creditor() == null) {
                free(underWay);
            } else if (underWay != null && state == State.OPEN) {
                done = underWay;
                isAll = pieces.isEmpty();
            }
            underWay = null;
        }
        if (done != null) {
            done.creditor().taken(done.bytes().length, isAll);
        }
    }

    private void free(Piece piece) {
        if (piece.creditor() == null) {
            pendingBytes -= piece.bytes().length;
            budget.release(piece.reservedBytes());
            changed.signalAll();
        }
    }

    @Override
    public boolean isComplete() {
        try (Guard.Held held = lock.hold()) {
            return state == State.ENDED;
        }
    }

    @Override
    public void refused() throws InterruptedException {
        for (Creditor creditor : stop(State.REFUSED)) {
            creditor.refused();
        }
    }

    @Override
    public void close() {
        stop(State.CLOSED);
    }

    private List<Creditor> stop(State last) {
        try (Guard.Held held = lock.hold()) {
            state = last;
            pieces.forEach(this::free);
            pieces.clear();
            if (underWay != null) {
                free(underWay);
                underWay = null;
            }
            changed.signalAll();
            return List.copyOf(creditors);
        }
    }

    private void wake() {
        try (Guard.Held held = lock.hold()) {
            changed.signalAll();
        }
    }
}
