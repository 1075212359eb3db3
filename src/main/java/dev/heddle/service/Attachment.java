package dev.heddle.service;

import dev.heddle.command.CommandEnd;
import dev.heddle.command.RefusedException;
import dev.heddle.command.SignalOutcome;
import dev.heddle.job.Job;
import dev.heddle.job.PendingInput;
import dev.heddle.run.MemoryBudget;
import dev.heddle.run.Page;
import dev.heddle.time.Deadline;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A client at a running command: takes what comes out of it, and hears what the client says to it, from before the
 * command starts. What the client is to be told beside the output is a note, which the face makes of the events that it
 * hears of; notes and output come to the client in one order, by {@link #take}.
 *
 * <pre>
 * EARLY → OPEN → LEAVING → OVER      EARLY → OVER, OPEN → OVER
 * </pre>
 *
 * <p><b>Threading:</b> one thread takes; any thread may do the rest. Notes wait while the client does not read.
 *
 * @param <N> a note of the face
 */
public final class Attachment<N> implements AutoCloseable {
    /** What becomes of the command; told on its threads. */
    public interface Events {
        /**
         * The program runs.
         *
         * @param inputBytes how much the client may send at first
         */
        void started(String id, int inputBytes);

        /** The client may send so much more. */
        void credit(int bytes) throws InterruptedException;

        /** The program takes nothing more from its stdin. */
        void inputClosed() throws InterruptedException;

        /** A signal that came before the start has been sent. */
        void signaled(String name, SignalOutcome outcome);
    }

    /** What became of a piece of input. */
    public enum Input { TAKEN, BEYOND_CREDIT, NOT_WANTED }

    /**
     * Something for the client.
     *
     * @param page output, to be read before the notes of the next delivery; it starts at {@code from}
     * @param end  how the command ended; then this is the last delivery
     * @param left whether the client has left the command, which goes on; then this is the last delivery, too
     */
    public record Delivery<N>(List<N> notes, long from, Optional<Page> page, Optional<CommandEnd> end, boolean left) {
        public boolean isLast() {
            return end.isPresent() || left;
        }
    }

    private enum State {
        /** The command is not known yet. */
        EARLY, OPEN,
        /** The client wants to leave the command. */
        LEAVING,
        /** The last delivery has been taken. */
        OVER
    }

    /** A signal for a command that has not started, and as the client calls it. */
    private record EarlySignal(String name, int number) {}

    private static final int MAX_PAGE_BYTES = 256 << 10;
    private static final int MAX_NOTES = 1024;
    private static final int MAX_NOTE_BYTES = 64 << 10;
    /** Signals that may come before the start: nobody needs more, and each is kept until then. */
    private static final int MAX_EARLY_SIGNALS = 16;
    private static final int NOTE_OVERHEAD_BYTES = 256;

    private final Events events;
    private final MemoryBudget share;
    private final PendingInput.Creditor creditor = new Creditor();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final InputWindow window; // this and all below: guarded by lock
    private final List<byte[]> earlyInput = new ArrayList<>(1);
    private final List<EarlySignal> earlySignals = new ArrayList<>(1);
    private State state = State.EARLY;
    private Job job; // null while it is early
    private boolean started; // the program runs, and has got what came early
    private boolean endsJob; // the command ends with its client
    private boolean takesInput = true;
    private boolean inputEnded; // the client has said that it is complete
    private boolean cut; // the client says nothing more
    private List<N> notes = new ArrayList<>();
    private int noteBytes;
    private int reservedBytes; // of the notes
    private int held; // notes that are still to come, even if the command has ended meanwhile
    private volatile boolean news; // there are notes, or it is to be left; written under the lock
    private long cursor; // of the thread that takes

    /** @param share the memory of the client's user */
    public Attachment(Events events, MemoryBudget share) {
        this.events = events;
        this.share = share;
        window = new InputWindow(share);
    }

    /** Reserves what the client may send before anything is read; false when there is no memory for it. */
    boolean openWindow() {
        lock.lock();
        try {
            return window.open() > 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Attaches to a command, which may not have started.
     *
     * @param from       the offset in its output to begin at
     * @param ends       whether the command ends with its client, and with a client who breaks off its input
     * @param withInput  whether the client may write to it
     */
    void bind(Job to, long from, boolean ends, boolean withInput) {
        boolean isIncomplete;
        lock.lock();
        try {
            if (state == State.OVER) { // the client has gone already
                isIncomplete = ends;
            } else {
                job = to;
                cursor = from;
                endsJob = ends;
                takesInput = withInput;
                state = State.OPEN;
                isIncomplete = isIncomplete();
                if (!withInput) {
                    window.close();
                }
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        to.ticketDecided(this::makeReady);
        to.started().thenRun(this::begin);
        if (isIncomplete) {
            to.cancel();
        }
    }

    /** Runs an action when a thread is needed that takes: the command is about to start, or there is a note. */
    public void whenReady(Runnable action) {
        ready.thenRun(action);
    }

    private void makeReady() {
        ready.complete(null);
    }

    /** The program runs: on the command's own thread, before anything comes out of it. */
    private void begin() {
        lock.lock();
        try {
            if (job.end().isPresent() || state == State.OVER) {
                return; // it was cancelled before, or the client has gone
            }
            boolean open = takesInput && job.input().map(input -> input.add(creditor)).orElse(false);
            events.started(job.id(), open ? window.open() : 0);
            for (byte[] piece : earlyInput) {
                job.input().ifPresent(input -> input.put(piece, creditor));
            }
            earlyInput.clear();
            if (inputEnded) {
                job.input().ifPresent(PendingInput::end);
            }
            for (EarlySignal signal : earlySignals) { // under the lock: later ones come behind them
                events.signaled(signal.name(), job.signal(signal.number()));
            }
            started = true;
        } finally {
            lock.unlock();
        }
    }

    /** Tells the client of what happens to its input. */
    private final class Creditor implements PendingInput.Creditor {
        @Override
        public void taken(int bytes, boolean isAll) throws InterruptedException {
            int back;
            lock.lock();
            try {
                back = window.taken(bytes, isAll);
            } finally {
                lock.unlock();
            }
            if (back > 0) {
                events.credit(back);
            }
        }

        @Override
        public void refused() throws InterruptedException {
            events.inputClosed();
        }
    }

    /** Adds a note at once, however many there are: for the few that a command makes itself. */
    public void note(N note, int bytes) {
        lock.lock();
        try {
            addNote(note, bytes);
        } finally {
            lock.unlock();
        }
        tell();
    }

    /** Adds a note; waits while the client does not read. False when the last delivery has been taken. */
    public boolean post(N note, int bytes) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (state != State.OVER && (notes.size() >= MAX_NOTES || noteBytes >= MAX_NOTE_BYTES)) {
                changed.await();
            }
            if (state == State.OVER) {
                return false;
            }
            addNote(note, bytes);
        } finally {
            lock.unlock();
        }
        tell();
        return true;
    }

    private void addNote(N note, int bytes) {
        int all = bytes + NOTE_OVERHEAD_BYTES;
        notes.add(note);
        noteBytes += all;
        reservedBytes += share.tryReserve(all) ? all : 0;
        news = true;
        changed.signalAll();
    }

    /** Wakes the thread that takes, wherever it waits. */
    private void tell() {
        Job now;
        lock.lock();
        try {
            now = job;
        } finally {
            lock.unlock();
        }
        if (now != null) {
            now.log().wakeReaders();
        }
        makeReady();
    }

    /** Whether the client can still say something to the command. */
    public boolean isOpen() {
        lock.lock();
        try {
            return state != State.OVER;
        } finally {
            lock.unlock();
        }
    }

    /** How much memory is reserved for what the client may send. */
    public int windowBytes() {
        lock.lock();
        try {
            return window.bytes();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a piece of input, without blocking. */
    public Input write(byte[] piece) {
        lock.lock();
        try {
            if (!takesInput || job != null && job.input().isEmpty()) {
                return Input.NOT_WANTED;
            }
            if (!window.use(piece.length)) {
                return Input.BEYOND_CREDIT;
            }
            if (started) {
                job.input().ifPresent(input -> input.put(piece, creditor));
            } else {
                earlyInput.add(piece);
            }
            return Input.TAKEN;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the program see the end of its input, behind what was written. */
    public void endInput() {
        lock.lock();
        try {
            inputEnded = true;
            if (started && takesInput) {
                job.input().ifPresent(PendingInput::end);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sends a signal; one that comes before the start is sent then, and the face hears of it as an event. Holds back
     * the last delivery until {@link #answered}, so that the command cannot end by the signal before that is answered.
     *
     * @return what became of it; empty when it waits for the start
     * @throws RefusedException when too many wait for that
     */
    public Optional<SignalOutcome> signal(String name, int number) throws RefusedException {
        Job now;
        lock.lock();
        try {
            if (!started) {
                if (earlySignals.size() >= MAX_EARLY_SIGNALS) {
                    throw new RefusedException(dev.heddle.command.Refusal.WRONG_STATE,
                            "the command has not started, and enough signals wait for that");
                }
                earlySignals.add(new EarlySignal(name, number));
                return Optional.empty();
            }
            now = job;
        } finally {
            lock.unlock();
        }
        return Optional.of(now.signal(number));
    }

    /** Keeps a place for a note until {@link #letGo}. False when the last delivery has been taken. */
    public boolean hold() {
        lock.lock();
        try {
            held += state == State.OVER ? 0 : 1;
            return state != State.OVER;
        } finally {
            lock.unlock();
        }
    }

    public void letGo() {
        lock.lock();
        try {
            held--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Leaves the command, which goes on. False when it ends with its client. */
    public boolean leave() {
        lock.lock();
        try {
            if (endsJob) {
                return false;
            }
            if (state == State.OPEN) {
                state = State.LEAVING;
                news = true;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        tell();
        return true;
    }

    /**
     * The client says nothing more. A command that ends with its client is ended, unless its input is complete; any
     * other is left.
     */
    public void cutInput() {
        Job incomplete;
        boolean leaves;
        lock.lock();
        try {
            cut = true;
            incomplete = isIncomplete() ? job : null;
            leaves = job != null && !endsJob;
        } finally {
            lock.unlock();
        }
        if (incomplete != null) {
            incomplete.cancel();
        } else if (leaves) {
            leave();
        }
    }

    private boolean isIncomplete() {
        return cut && endsJob && job.input().isPresent() && !inputEnded;
    }

    /** Ends the command if it ends with its client; any other is left. */
    public void cancel() {
        Job ended;
        lock.lock();
        try {
            ended = endsJob ? job : null;
        } finally {
            lock.unlock();
        }
        if (ended != null) {
            ended.cancel();
        } else {
            leave();
        }
    }

    /**
     * Waits for something for the client. The delivery is to be given to {@link #delivered}.
     *
     * @throws RefusedException in place of the last delivery, when nothing was run
     */
    public Delivery<N> take() throws RefusedException, InterruptedException {
        while (true) {
            Job now = awaitJobOrNews();
            if (news || now == null) {
                return delivery(Optional.empty());
            }
            Page page = now.log().read(cursor, MAX_PAGE_BYTES, Deadline.never(), () -> news, share);
            boolean handed = false;
            try {
                if (!page.pieces().isEmpty()) {
                    handed = true;
                    return delivery(Optional.of(page));
                }
                cursor = page.next(); // what is not kept may lie at the end
                if (page.end().isPresent() && endUnlessHeld()) {
                    now.requireStarted();
                    return new Delivery<>(List.of(), cursor, Optional.empty(), page.end(), false);
                }
            } finally {
                if (!handed) {
                    page.close();
                }
            }
        }
    }

    private Job awaitJobOrNews() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (state == State.EARLY && !news) {
                changed.await();
            }
            return job;
        } finally {
            lock.unlock();
        }
    }

    private Delivery<N> delivery(Optional<Page> page) {
        lock.lock();
        try {
            List<N> taken = notes;
            notes = new ArrayList<>();
            noteBytes = 0;
            boolean left = taken.isEmpty() && page.isEmpty() && state != State.OPEN;
            if (left) {
                state = State.OVER;
            }
            news = state == State.LEAVING;
            changed.signalAll();
            long from = cursor;
            cursor = page.map(Page::next).orElse(cursor);
            return new Delivery<>(taken, from, page, Optional.empty(), left);
        } finally {
            lock.unlock();
        }
    }

    /** The command has ended, and all of its output is out. False when there is still something to say. */
    private boolean endUnlessHeld() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (held > 0 && !news) {
                changed.await();
            }
            if (!news) {
                state = State.OVER;
            }
            return state == State.OVER;
        } finally {
            lock.unlock();
        }
    }

    /** A delivery is on its way, or lost: its memory is free. */
    public void delivered(Delivery<N> delivery) {
        delivery.page().ifPresent(Page::close);
        lock.lock();
        try {
            if (notes.isEmpty()) { // else what is reserved stays so until those are out, too
                share.release(reservedBytes);
                reservedBytes = 0;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the command if it ends with its client, and gives everything back. After the last delivery, or instead. */
    @Override
    public void close() {
        Job ended;
        lock.lock();
        try {
            state = State.OVER;
            notes.clear();
            earlyInput.clear();
            share.release(reservedBytes);
            reservedBytes = 0;
            window.close();
            if (job != null) {
                job.input().ifPresent(input -> input.remove(creditor));
            }
            ended = endsJob ? job : null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (ended != null) {
            ended.cancel(); // if it runs
            ended.log().close(); // nobody reads any more, and nobody waits for that
        }
    }
}
