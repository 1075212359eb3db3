package dev.heddle.net;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import org.slf4j.Logger;

/**
 * A warning about clients, which they can cause as often as they like: it is given once a minute at most, so that
 * nobody fills the disk with it, and is a matter of information between. Any thread may give it.
 */
public final class RareWarning {
    private static final long INTERVAL_NANOS = Duration.ofMinutes(1).toNanos();

    private final Logger log;
    private final LongSupplier nanos;
    private final AtomicLong lastNanos;

    public RareWarning(Logger log) {
        this(log, System::nanoTime);
    }

    RareWarning(Logger log, LongSupplier nanos) {
        this.log = log;
        this.nanos = nanos;
        lastNanos = new AtomicLong(nanos.getAsLong() - INTERVAL_NANOS);
    }

    /** Says what somebody has done. */
    public void give(String who, String what) {
        long now = nanos.getAsLong();
        long last = lastNanos.get();
        if (now - last >= INTERVAL_NANOS && lastNanos.compareAndSet(last, now)) {
            log.warn("{}: {} (--log-level info tells of all such clients)", who, what);
        } else {
            log.info("{}: {}", who, what);
        }
    }
}
