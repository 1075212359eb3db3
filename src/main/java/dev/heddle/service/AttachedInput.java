package dev.heddle.service;

import dev.heddle.job.PendingInput;
import dev.heddle.memory.MemoryBudget;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

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

    private final Attachment.Events events;
    private final ReentrantLock lock = new ReentrantLock();
    private final InputWindow window; // this and all below: guarded by lock
    private final List<byte[]> early = new ArrayList<>(1);
    private State state = State.EARLY;
    private PendingInput input; // while it is open
    private boolean ended; // the client has said that this is all

    AttachedInput(Attachment.Events events, MemoryBudget share) {
        this.events = events;
        window = new InputWindow(share);
    }

    /** Reserves what the client may send before anything is read; false when there is no memory for it. */
    boolean reserve() {
        lock.lock();
        try {
            return window.open() > 0;
        } finally {
            lock.unlock();
        }
    }

    int windowBytes() {
        lock.lock();
        try {
            return window.bytes();
        } finally {
            lock.unlock();
        }
    }

    /** Takes all of these pieces or none, without blocking. */
    Attachment.Input write(byte[][] pieces) {
        lock.lock();
        try {
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
        } finally {
            lock.unlock();
        }
    }

    /** This is all: the client says so, and nothing else does. */
    void end() {
        lock.lock();
        try {
            ended = true;
            if (state == State.OPEN) {
                input.end();
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isRefused() {
        lock.lock();
        try {
            return state == State.UNWANTED;
        } finally {
            lock.unlock();
        }
    }

    boolean isEnded() {
        lock.lock();
        try {
            return ended || state == State.UNWANTED;
        } finally {
            lock.unlock();
        }
    }

    /** The command takes input: gives it what has come. Returns how much more may come at first. */
    int open(PendingInput of) {
        lock.lock();
        try {
            boolean wanted = of.add(this);
            int credit = window.open();
            input = of;
            state = State.OPEN;
            early.forEach(piece -> input.put(piece, this));
            early.clear();
            if (ended) {
                input.end();
            }
            return wanted ? credit : 0;
        } finally {
            lock.unlock();
        }
    }

    /** The command takes no input from this client. */
    void refuse() {
        lock.lock();
        try {
            state = State.UNWANTED;
            early.clear();
            window.close();
        } finally {
            lock.unlock();
        }
    }

    /** The client leaves a command that goes on and may not have started: that gets what has come early, too. */
    void leave(PendingInput of) {
        lock.lock();
        try {
            if (state == State.EARLY) {
                open(of);
            }
        } finally {
            lock.unlock();
        }
        close();
    }

    /** The client has gone. What it has written to a command that goes on is still for that. */
    void close() {
        lock.lock();
        try {
            early.clear();
            window.close();
            if (state == State.OPEN) {
                input.remove(this);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void taken(int bytes, boolean isAll) throws InterruptedException {
        int credit;
        lock.lock();
        try {
            credit = ended ? 0 : window.taken(bytes, isAll);
        } finally {
            lock.unlock();
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
