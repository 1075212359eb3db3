package dev.heddle.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.memory.MemoryBudget;
import dev.heddle.testing.Await;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Notes for a client that may not read: in order, bounded, and given back. */
class NoteQueueTest {
    private static final int MAX_NOTES = 1024;

    private final MemoryBudget budget = new MemoryBudget(1 << 20);
    private int news;
    private final NoteQueue<String> queue = new NoteQueue<>(budget, () -> news++);
    private final ExecutorService other = Executors.newSingleThreadExecutor();

    @AfterEach
    void stop() {
        other.shutdownNow();
    }

    /** Runs on another thread, and waits until that waits for the queue. */
    private <T> Future<T> waiting(Callable<T> call) throws Exception {
        Thread[] thread = new Thread[1];
        Future<T> future = other.submit(() -> {
            synchronized (thread) {
                thread[0] = Thread.currentThread();
            }
            return call.call();
        });
        Await.until("it waits", () -> {
            synchronized (thread) {
                return thread[0] != null && thread[0].getState() == Thread.State.WAITING;
            }
        });
        assertThat(future.isDone()).isFalse();
        return future;
    }

    @Test
    void notesAreTakenInTheirOrderAndAllAtOnce() throws Exception {
        queue.add("a", 1);
        assertThat(queue.post("b", 1)).isTrue();
        queue.add("c", 1);
        assertThat(news).isEqualTo(3);
        assertThat(queue.isEmpty()).isFalse();
        assertThat(queue.take()).containsExactly("a", "b", "c");
        assertThat(queue.isEmpty()).isTrue();
        assertThat(budget.reservedBytes()).as("they are on their way").isPositive();
        assertThat(queue.take()).isEmpty();
        assertThat(budget.reservedBytes()).isZero();
    }

    @Test
    void whoPostsToAFullQueueWaitsForTheReader() throws Exception {
        for (int i = 0; i < MAX_NOTES; i++) {
            queue.add(Integer.toString(i), 0);
        }
        Future<Boolean> posted = waiting(() -> queue.post("late", 0));
        queue.add("the command's own", 0); // does not wait
        assertThat(queue.take()).hasSize(MAX_NOTES + 1);
        assertThat(posted.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(queue.take()).containsExactly("late");
    }

    @Test
    void manyBytesAreFullToo() throws Exception {
        queue.add("much", 64 << 10);
        Future<Boolean> posted = waiting(() -> queue.post("late", 0));
        queue.close();
        assertThat(posted.get(20, TimeUnit.SECONDS)).isFalse();
        assertThat(budget.reservedBytes()).isZero();
    }

    @Test
    void withoutMemoryNotesAreTakenAllTheSame() throws Exception {
        assertThat(budget.tryReserve(1 << 20)).isTrue();
        queue.add("a", 10);
        assertThat(queue.take()).containsExactly("a");
        queue.take();
        queue.close();
        assertThat(budget.reservedBytes()).isEqualTo(1 << 20);
    }

    @Test
    void aQueueWithNotesIsNotClosed() throws Exception {
        queue.add("a", 1);
        assertThat(queue.closeWhenEmpty()).isFalse();
        assertThat(queue.isClosed()).isFalse();
        queue.take();
        assertThat(queue.closeWhenEmpty()).isTrue();
        assertThat(queue.isClosed()).isTrue();
        assertThat(queue.post("late", 1)).isFalse();
        assertThat(queue.hold()).isFalse();
        queue.add("late", 1);
        assertThat(queue.take()).isEmpty();
    }

    @Test
    void theCloseWaitsForANoteThatIsToCome() throws Exception {
        assertThat(queue.hold()).isTrue();
        Future<Boolean> closed = waiting(queue::closeWhenEmpty);
        assertThat(queue.post("a", 1)).isTrue();
        assertThat(closed.get(20, TimeUnit.SECONDS)).isFalse();
        queue.letGo();
        assertThat(queue.take()).containsExactly("a");
        assertThat(queue.closeWhenEmpty()).isTrue();
    }

    @Test
    void theCloseGoesOnWhenNoNoteCame() throws Exception {
        queue.hold();
        Future<Boolean> closed = waiting(queue::closeWhenEmpty);
        queue.letGo();
        assertThat(closed.get(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aClosedQueueThrowsAwayWhatItHas() throws Exception {
        for (int i = 0; i < 10; i++) {
            queue.add("x", 100);
        }
        queue.take();
        queue.add("y", 100);
        queue.close();
        assertThat(queue.take()).isEmpty();
        assertThat(budget.reservedBytes()).isZero();
        queue.close();
        assertThat(budget.reservedBytes()).isZero();
    }
}
