package dev.heddle.client;

import dev.heddle.resp.RequestFrame;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sends the stdin of a command under way. It sends only what the server has given credit for, so that a signal never
 * waits behind input that the command does not read.
 *
 * <p><b>Threading:</b> one thread at a time writes; the thread that reads the connection grants credit and tells of the
 * end.
 */
final class RemoteInput extends OutputStream {
    /** The size of a pipe, and so the most that one read from it brings. */
    private static final int FRAME_BYTES = 64 << 10;

    private final ServerConnection connection;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long credit; // guarded by lock; what the server takes without waiting for the command
    private boolean over; // guarded by lock; the command takes no input any more
    private RequestFrame frame; // of the writing thread; null until it writes
    private volatile IOException failure; // of the local input; the pumping thread sets it

    RemoteInput(ServerConnection connection, long window) {
        this.connection = connection;
        credit = window;
        over = window == 0;
    }

    /** Adds to the credit; a negative number takes from it. */
    void grant(long bytes) {
        lock.lock();
        try {
            credit += bytes;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the input; returns whether this is the first end. */
    boolean end() {
        lock.lock();
        try {
            boolean first = !over;
            over = true;
            changed.signalAll();
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** Returns the failure of the input that was pumped; null when there was none. */
    IOException failure() {
        return failure;
    }

    /** Waits for credit and returns it; 0 when the command takes no more input. */
    private int awaitCredit() throws InterruptedIOException {
        lock.lock();
        try {
            while (credit == 0 && !over) {
                changed.await();
            }
            return over ? 0 : (int) Math.min(credit, FRAME_BYTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the command does not read its stdin");
        } finally {
            lock.unlock();
        }
    }

    private void send() throws IOException {
        grant(-frame.length());
        connection.send(frame);
    }

    private RequestFrame frame() {
        if (frame == null) {
            frame = new RequestFrame("STDIN", FRAME_BYTES);
        }
        return frame;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; done += frame.length()) {
            int credited = awaitCredit();
            if (credited == 0) {
                throw new IOException("the command takes no input any more");
            }
            frame().fill(bytes, offset + done, Math.min(credited, length - done));
            send();
        }
    }

    @Override
    public void close() throws IOException {
        if (end()) {
            connection.send(RequestWords.of("EOF"));
        }
    }

    /** Sends all input, then its end. Returns early when the command takes no more. */
    void pump(InputStream in) throws IOException {
        for (int credited = awaitCredit(); credited > 0; credited = awaitCredit()) {
            if (!fill(in, credited)) {
                close();
                return;
            }
            send();
        }
    }

    private boolean fill(InputStream in, int credited) throws IOException {
        try {
            return frame().fill(in, credited);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }
}
