package dev.heddle.testing;

import java.lang.management.ManagementFactory;

/** Counts what the current thread allocates. */
public final class Allocations {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What is measured. */
    public interface Action {
        void run() throws Exception;
    }

    private Allocations() {}

    public static long bytesOf(Action action) throws Exception {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        action.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
