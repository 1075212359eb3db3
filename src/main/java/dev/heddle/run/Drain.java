package dev.heddle.run;

import dev.heddle.process.ChildOutput;
import dev.heddle.time.Deadline;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/**
 * Moves one output of a child to its sink until the output ends. A fork of the command's scope calls it; the
 * scope's owner looks on.
 */
final class Drain implements Callable<Void>, ChildOutput.Sink {
    private final ChildOutput output;
    private final ChildOutput.Sink sink;
    private final Runnable onFailure;
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile long total; // the fork counts; any may look
    private volatile boolean waiting; // the fork sets it; for whoever takes the output, perhaps for long

    /** @param onFailure run when nobody drains any more, although the output has not ended */
    Drain(ChildOutput output, ChildOutput.Sink sink, Runnable onFailure) {
        this.output = output;
        this.sink = sink;
        this.onFailure = onFailure;
    }

    @Override
    public Void call() throws IOException, InterruptedException {
        try {
            boolean more;
            do {
                waiting = true;
                sink.awaitRoom();
                waiting = false;
                more = output.drainTo(this);
            } while (more);
            return null;
        } catch (IOException | RuntimeException | Error e) {
            onFailure.run(); // the program would fill its pipe, and wait for ever
            throw e;
        } finally {
            end.countDown();
        }
    }

    @Override
    public int room() {
        return sink.room();
    }

    @Override
    public void accept(ByteBuffer bytes) {
        total += bytes.remaining();
        sink.accept(bytes);
    }

    long total() {
        return total;
    }

    /** Whether it is up to the consumer that nothing is read at the moment. */
    boolean isHeldUp() {
        return waiting;
    }

    /** Whether it has ended, or the pipe was seen empty after this moment. */
    boolean isDry(long sinceNanos) {
        return end.getCount() == 0 || output.isDry(sinceNanos);
    }

    boolean awaitEnd(Deadline deadline) throws InterruptedException {
        return deadline.await(end);
    }
}
