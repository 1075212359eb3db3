package dev.heddle.net;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import org.slf4j.Logger;

/**
 * A warning that clients can cause as often as they like. It is logged as a warning once a minute at most, so that no
 * client fills the disk with it, and as information in between.
 *
 * <p><b>Threading:</b> any thread may give it.
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
