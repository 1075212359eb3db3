package dev.heddle.net;

import java.util.concurrent.atomic.LongAdder;

/** What became of connections since the server's start. Any thread counts, any may look. */
public final class ClientCounts {
    private final LongAdder accepted = new LongAdder();
    private final LongAdder ended = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /** A client has got its place. */
    public void accept() {
        accepted.increment();
    }

    /** A client that had got its place is gone. */
    public void end() {
        ended.increment();
    }

    /** A client was told that there is no place for it. */
    public void refuse() {
        refused.increment();
    }

    public long accepted() {
        return accepted.sum();
    }

    public long refused() {
        return refused.sum();
    }

    /** How many clients are connected now. */
    public long connected() {
        return Math.max(0, accepted.sum() - ended.sum());
    }
}
