package dev.heddle.resp;

import java.lang.management.ManagementFactory;

/** Counts what the current thread allocates. */
final class Allocations {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    interface Action {
        void run() throws Exception;
    }

    private Allocations() {}

    static long bytesOf(Action action) throws Exception {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        action.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
