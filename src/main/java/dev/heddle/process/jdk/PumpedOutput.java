package dev.heddle.process.jdk;

import dev.heddle.process.ChildOutput;
import dev.heddle.process.ProcessStat;
import dev.heddle.time.AwakeClock;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Moves a child's output to the thread that drains it. One chunk is under way at a time, for backpressure. */
final class PumpedOutput extends PipePump implements ChildOutput {
    private static final int CHUNK_BYTES = 16 * 1024;
    /**
     * A read that takes longer found the pipe empty, if its thread sleeps: reading a full pipe takes microseconds, once
     * the thread runs, for which it may have to wait on a busy host.
     */
    private static final Duration EMPTY_READ = Duration.ofMillis(200);

    private final InputStream pipe;
    private final byte[] chunk = new byte[CHUNK_BYTES]; // the pump writes while filled == 0, else the drain reads
    private int filled; // guarded by lock
    private boolean ended; // guarded by lock; set by the pump
    private boolean closed; // guarded by lock; set by abandon
    private volatile long pumpThread; // as the kernel counts threads; the pump sets, isDry reads
    private volatile long readSinceNanos; // 0 while no read is under way; the pump sets, isDry reads
    private Watched watched = new Watched(0, 0, 0); // guarded by lock

    /** A read that isDry has seen under way: its begin, and when it was first seen, also by {@link AwakeClock}. */
    private record Watched(long readNanos, long sinceNanos, long awakeNanos) {}

    PumpedOutput(InputStream pipe) {
        super(pipe);
        this.pipe = pipe;
    }

    @Override
    void move() throws IOException {
        pumpThread = kernelThread();
        int n;
        do {
            readSinceNanos = System.nanoTime() | 1;
            n = pipe.read(chunk);
            readSinceNanos = 0;
        } while (n >= 0 && offer(n));
    }

    private boolean offer(int n) {
        lock.lock();
        try {
            filled = n;
            changed.signalAll();
            while (filled > 0 && !closed) {
                changed.awaitUninterruptibly();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    void end() {
        change(() -> ended = true);
    }

    @Override
    void abandon() {
        change(() -> closed = true);
    }

    @Override
    public boolean drainTo(Sink sink) throws IOException, InterruptedException {
        int length = awaitChunk();
        if (length == 0) {
            return false;
        }
        sink.accept(ByteBuffer.wrap(chunk, 0, length));
        change(() -> filled = 0);
        return true;
    }

    private int awaitChunk() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (filled == 0 && !ended && !closed) {
                changed.await();
            }
            return closed ? 0 : filled;
        } finally {
            lock.unlock();
        }
    }

    /** Returns true at the second call at the earliest. */
    @Override
    public boolean isDry(long sinceNanos) {
        long read = readSinceNanos;
        long awake = AwakeClock.system().nanoTime();
        lock.lock();
        try {
            if (read == 0 || read != watched.readNanos || watched.sinceNanos - sinceNanos < 0) {
                watched = new Watched(read, System.nanoTime(), awake);
                return false;
            }
            return awake - watched.awakeNanos > EMPTY_READ.toNanos() && isAsleep();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the pump sleeps in its read, and does not only wait for a processor; if that can be known. */
    private boolean isAsleep() {
        return pumpThread == 0 || ProcessStat.of(pumpThread).map(stat -> stat.state() == 'S').orElse(true);
    }

    /** Returns the calling thread's number in the kernel, see gettid(2); 0 where there is no procfs. */
    private static long kernelThread() {
        try {
            return Long.parseLong(Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString());
        } catch (IOException e) {
            return 0;
        }
    }
}
