package dev.heddle.service;

import dev.heddle.job.PendingInput;
import dev.heddle.memory.MemoryBudget;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one client writes to the stdin of a command, within a credit, and from before the command starts.
 *
 * <p><b>Threading:</b> any thread may call it.
 */
final class AttachedInput implements PendingInput.Creditor {
    private enum State {
        /** What comes is kept: the command has not started. */
        EARLY,
        /** What comes goes to the command. */
        OPEN,
        /** The command takes nothing from this client. */
        UNWANTED
    }

    private final AttachmentEvents events;
    private final InputWindow window; // this and all below: guarded by this object
    private final List<byte[]> early = new ArrayList<>(1);
    private State state = State.EARLY;
    private PendingInput input; // once it is joined
    private boolean ended; // the client has said that this is all

    AttachedInput(AttachmentEvents events, MemoryBudget share) {
        this.events = events;
        window = new InputWindow(share);
    }

    /** Reserves what the client may send before anything is read; false when there is no memory for it. */
    synchronized boolean reserve() {
        return window.open() > 0;
    }

    synchronized int windowBytes() {
        return window.bytes();
    }

    /** Takes all of these pieces or none, without blocking. */
    synchronized Attachment.Input write(byte[][] pieces) {
        if (state == State.UNWANTED) {
            return Attachment.Input.UNWANTED;
        }
        int bytes = Arrays.stream(pieces).mapToInt(piece -> piece.length).sum();
        if (!window.use(bytes)) {
            return Attachment.Input.BEYOND_CREDIT;
        }
        for (byte[] piece : pieces) {
            if (state == State.OPEN) {
                input.put(piece, this);
            } else {
                early.add(piece);
            }
        }
        return Attachment.Input.TAKEN;
    }

    /** This is all: the client says so, and nothing else does. */
    synchronized void end() {
        ended = true;
        if (state == State.OPEN) {
            input.end();
        }
    }

    synchronized boolean isRefused() {
        return state == State.UNWANTED;
    }

    synchronized boolean isEnded() {
        return ended || state == State.UNWANTED;
    }

    /** Joins a command that takes input. Returns the window, which the client is to hear of before any credit. */
    synchronized int join(PendingInput of) {
        input = of;
        return of.add(this) ? window.open() : 0;
    }

    /** Gives the command that was joined what has come, and from now on what comes. */
    synchronized void open() {
        state = State.OPEN;
        early.forEach(piece -> input.put(piece, this));
        early.clear();
        if (ended) {
            input.end();
        }
    }

    /** The command takes no input from this client. */
    synchronized void refuse() {
        state = State.UNWANTED;
        early.clear();
        window.close();
    }

    /** The client leaves a command that goes on and may not have started: that gets what has come early, too. */
    synchronized void leave(PendingInput of) {
        if (state == State.EARLY) {
            join(of);
            open();
        }
        close();
    }

    /** The client has gone. What it has written to a command that goes on is still for that. */
    synchronized void close() {
        early.clear();
        window.close();
        if (state == State.OPEN) {
            input.remove(this);
        }
    }

    @Override
    public void taken(int bytes, boolean isAll) throws InterruptedException {
        int credit;
        synchronized (this) {
            credit = ended ? 0 : window.taken(bytes, isAll);
        }
        if (credit > 0) {
            events.credit(credit);
        }
    }

    @Override
    public void refused() throws InterruptedException {
        events.inputClosed();
    }
}
