package dev.heddle.time;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A reentrant lock for a try statement, which gives it back: {@code try (Guard.Held held = lock.hold())}. A monitor
 * would do the same, but on JDK 21 a virtual thread that waits for one keeps its carrier (JEP 491).
 */
public final class Guard {
    /** The lock in the hands of a thread. */
    public interface Held extends AutoCloseable {
        @Override
        void close();
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Held held = lock::unlock;

    public Held hold() {
        lock.lock();
        return held;
    }

    public Held holdInterruptibly() throws InterruptedException {
        lock.lockInterruptibly();
        return held;
    }

    public Condition newCondition() {
        return lock.newCondition();
    }
}
