package dev.heddle.service;

import dev.heddle.command.CommandEnd;
import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.command.SignalOutcome;
import dev.heddle.job.Job;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.memory.Page;
import dev.heddle.time.Deadline;
import dev.heddle.time.Guard;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;

/**
 * A client at a running command: takes what comes out of it, and says things to it, from before the command starts.
 * What the client is to be told beside the output is a note, which the face makes of the events that it hears of.
 *
 * <pre>
 * EARLY → OPEN → LEAVING → OVER      EARLY → OVER, OPEN → OVER
 * </pre>
 *
 * <p><b>Threading:</b> one thread takes; any thread may do the rest.
 *
 * @param <N> a note of the face
 */
public final class Attachment<N> implements AutoCloseable {
    /** What became of a piece of input. */
    public enum Input { TAKEN, BEYOND_CREDIT, UNWANTED }

    /**
     * Something for the client, to be closed once it is on its way.
     *
     * @param from the offset that the output, or a gap before it, begins at
     * @param end  how the command ended; then this is the last delivery
     * @param left whether the client has left the command, which goes on; then this is the last delivery, too
     */
    public record Delivery<N>(List<N> notes, long from, Optional<Page> page, Optional<CommandEnd> end, boolean left)
            implements AutoCloseable {
        public boolean isLast() {
            return end.isPresent() || left;
        }

        @Override
        public void close() {
            page.ifPresent(Page::close);
        }
    }

    private enum State {
        /** The command is not known yet. */
        EARLY, OPEN,
        /** The client wants to leave the command. */
        LEAVING,
        /** The last delivery has been taken, or nobody takes any. */
        OVER
    }

    /** A signal for a command that has not started. */
    private record EarlySignal(String name, int number) {}

    private static final int MAX_PAGE_BYTES = 256 << 10;
    /** Signals that may come before the start: nobody needs more, and each is kept until then. */
    private static final int MAX_EARLY_SIGNALS = 16;

    private final AttachmentEvents events;
    private final MemoryBudget share;
    private final boolean endsJob; // the command ends with this client
    private final AttachedInput input;
    private final NoteQueue<N> notes;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final Guard lock = new Guard();
    private final Condition changed = lock.newCondition();
    private final List<EarlySignal> earlySignals = new ArrayList<>(1); // this and all below: guarded by lock
    private volatile State state = State.EARLY; // written under the lock, as the next one
    private volatile Job job; // null while it is early
    private boolean begun; // it is known whether the program runs
    private boolean started; // it does, and has got what came early
    private volatile boolean cut; // the client says nothing more
    private long cursor; // of the thread that takes

    /**
     * @param share the memory of the client's user
     * @param ends  whether the command ends with its client, and with a client who breaks off its input
     */
    public Attachment(AttachmentEvents events, MemoryBudget share, boolean ends) {
        this.events = events;
        this.share = share;
        endsJob = ends;
        input = new AttachedInput(events, share);
        notes = new NoteQueue<>(share, this::tell);
    }

    boolean reserveInput() {
        return input.reserve();
    }

    /**
     * Attaches to a command, which may not have started.
     *
     * @param from the offset in its output to begin at
     */
    void bind(Job to, long from, boolean withInput) {
        try (Guard.Held held = lock.hold()) {
            job = to;
            cursor = from;
            if (!withInput || !to.takesInput()) {
                input.refuse();
            }
            if (state == State.EARLY) {
                state = State.OPEN;
            }
            changed.signalAll();
        }
        to.whenDecided(() -> ready.complete(null));
        to.started().whenComplete((time, failure) -> begin());
        endIfIncomplete();
    }

    /** Runs an action when a thread is needed that takes: the command is about to start, or there is a note. */
    public void whenReady(Runnable action) {
        ready.thenRun(action);
    }

    /** The program runs, or never will. Nothing is taken from its output before. */
    private void begin() {
        try (Guard.Held held = lock.hold()) {
            begun = true;
            changed.signalAll();
            if (!job.hasProcess() || state == State.OVER) {
                return; // it was cancelled or refused, or has ended long ago, or the client has gone
            }
            if (input.isRefused()) {
                events.started(job.id(), 0);
            } else {
                events.started(job.id(), input.join(job.input()));
                input.open();
            }
            for (EarlySignal signal : earlySignals) { // under the lock: later ones come behind them
                events.signaled(signal.name(), job.signal(signal.number()));
            }
            started = true;
        }
    }

    /** Adds a note at once, however many there are: for the few that a command makes itself. */
    public void note(N note, int bytes) {
        notes.add(note, bytes);
    }

    /** Adds a note; waits while the client does not read. False when the last delivery has been taken. */
    public boolean post(N note, int bytes) throws InterruptedException {
        return notes.post(note, bytes);
    }

    /** Keeps a place for a note until {@link #letGo}. False when the last delivery has been taken. */
    public boolean hold() {
        return notes.hold();
    }

    public void letGo() {
        notes.letGo();
    }

    public boolean isOpen() {
        return !notes.isClosed();
    }

    /** Wakes the thread that takes, wherever it waits. */
    private void tell() {
        try (Guard.Held held = lock.hold()) {
            changed.signalAll();
        }
        if (job != null) {
            job.log().wakeReaders();
        }
        ready.complete(null);
    }

    public int windowBytes() {
        return input.windowBytes();
    }

    /** Takes input, without blocking: all of its pieces, or none. They are the attachment's then. */
    public Input write(byte[][] pieces) {
        return input.write(pieces);
    }

    /** Lets the program see the end of its input, behind what was written. */
    public void endInput() {
        input.end();
    }

    /**
     * Sends a signal; one that comes before the start is sent then, and the face hears of it as an event: then nothing
     * is returned. The caller {@linkplain #hold holds} a place for the answer, or the command's end could come first.
     *
     * @throws RefusedException when too many wait for that
     */
    public Optional<SignalOutcome> signal(String name, int number) throws RefusedException {
        try (Guard.Held held = lock.hold()) {
            if (!started) {
                if (earlySignals.size() >= MAX_EARLY_SIGNALS) {
                    throw new RefusedException(Refusal.WRONG_STATE,
                            "the command has not started, and enough signals wait for that");
                }
                earlySignals.add(new EarlySignal(name, number));
                return Optional.empty();
            }
        }
        return Optional.of(job.signal(number));
    }

    /** Leaves the command, which goes on. False when it ends with its client. */
    public boolean leave() {
        if (endsJob) {
            return false;
        }
        try (Guard.Held held = lock.hold()) {
            if (state != State.OVER) {
                state = State.LEAVING;
            }
        }
        tell();
        return true;
    }

    /** The client says nothing more: ends a command that ends with it, unless its input is complete; leaves another. */
    public void cutInput() {
        cut = true;
        if (!endIfIncomplete()) {
            leave();
        }
    }

    private boolean endIfIncomplete() {
        boolean incomplete;
        try (Guard.Held held = lock.hold()) {
            incomplete = cut && endsJob && job != null && !input.isEnded(); // else bind() looks again
        }
        if (incomplete) {
            job.cancel();
        }
        return incomplete;
    }

    /** Ends the command if it ends with its client; any other is left. */
    public void cancel() {
        Job now = job;
        if (!leave() && now != null) {
            now.cancel();
        }
    }

    /** Waits for something for the client; throws in place of the last delivery when nothing was run. */
    public Delivery<N> take() throws RefusedException, InterruptedException {
        while (true) {
            awaitJobOrNews();
            List<N> taken = notes.take();
            if (!taken.isEmpty()) {
                return new Delivery<>(taken, cursor, Optional.empty(), Optional.empty(), false);
            }
            if (state != State.OPEN) {
                if (notes.closeWhenEmpty()) {
                    return new Delivery<>(List.of(), cursor, Optional.empty(), Optional.empty(), true);
                }
                continue;
            }
            Page page = job.log().read(cursor, MAX_PAGE_BYTES, Deadline.unbounded(),
                    () -> state != State.OPEN || !notes.isEmpty(), share);
            long from = cursor;
            cursor = page.next();
            if (!page.pieces().isEmpty() || cursor > from) {
                return new Delivery<>(List.of(), from, Optional.of(page), Optional.empty(), false);
            }
            page.close();
            if (page.end().isPresent() && notes.closeWhenEmpty()) {
                job.requireStarted();
                return new Delivery<>(List.of(), cursor, Optional.empty(), page.end(), false);
            }
        }
    }

    private void awaitJobOrNews() throws InterruptedException {
        try (Guard.Held held = lock.holdInterruptibly()) {
            while ((state == State.EARLY || state == State.OPEN && !begun) && notes.isEmpty()) {
                changed.await();
            }
        }
    }

    /** Ends the command if it ends with its client, and gives everything back. After the last delivery, or instead. */
    @Override
    public void close() {
        try (Guard.Held held = lock.hold()) {
            state = State.OVER;
            changed.signalAll();
        }
        notes.close();
        Job now = job;
        if (!endsJob && now != null) {
            input.leave(now.input());
        } else {
            input.close();
        }
        if (endsJob && now != null) {
            now.cancel(); // if it runs
            now.log().close(); // nobody reads any more, and its writers must not wait for that
        }
    }
}
