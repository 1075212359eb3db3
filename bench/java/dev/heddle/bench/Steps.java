package dev.heddle.bench;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs one step after the other, each with a deadline and its processes ended with it. A step that fails leaves a
 * row that says so, and the next one goes on.
 */
final class Steps {
    private static final Duration TO_GIVE_UP = Duration.ofSeconds(15);

    private final Results results;
    private int failures;

    Steps(Results results) {
        this.results = results;
    }

    /** What a step does: adds its figures to the row. */
    interface Step {
        void measure(Row row) throws Exception;
    }

    void run(String what, Map<String, ?> params, Duration deadline, Step step) throws InterruptedException {
        Row row = Row.of(what, params);
        try (ExecutorService executor = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name(what).factory())) {
            Future<?> future = executor.submit(() -> {
                step.measure(row);
                return null;
            });
            try {
                future.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
                results.add(row);
            } catch (TimeoutException e) {
                fail(row, new TimeoutException("not done within " + deadline.toSeconds() + " s"));
            } catch (ExecutionException e) {
                fail(row, e.getCause());
            } finally {
                executor.shutdownNow();
                Started.killAll(); // whoever waits for one of them goes on
                if (!executor.awaitTermination(TO_GIVE_UP.toSeconds(), TimeUnit.SECONDS)) {
                    throw new IllegalStateException(what + " cannot be ended");
                }
            }
        }
    }

    private void fail(Row row, Throwable cause) {
        failures++;
        results.add(row.failed(cause));
    }

    int failures() {
        return failures;
    }
}
