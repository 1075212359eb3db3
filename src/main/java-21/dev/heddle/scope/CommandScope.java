package dev.heddle.scope;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.ThreadFactory;

/**
 * The only class that names {@link StructuredTaskScope}: opens a scope, lets its owner fork and wait, joins. It
 * exists once for JDK 25 and later and once for JDK 21 (JEP 453), where this one belongs.
 */
public final class CommandScope {
    private CommandScope() {}

    /** What the owner does with the scope. When it returns or throws, the forks must be about to end. */
    public interface Owner<R> {
        R call(Forks forks) throws InterruptedException;
    }

    /** Starts a thread of the scope, named after the scope and its task. */
    public interface Forks {
        void fork(String name, Callable<?> task);
    }

    /**
     * Runs the owner on the calling thread inside a new scope. Returns when all forks have ended; an interrupt
     * while it waits for them interrupts them.
     *
     * @throws IllegalStateException when a fork failed, with its exception as the cause
     */
    public static <R> R run(String name, ThreadFactory threads, Owner<R> owner) throws InterruptedException {
        try (var scope = new StructuredTaskScope.ShutdownOnFailure(name, threads)) {
            R result;
            try {
                result = owner.call((task, body) -> scope.fork(() -> {
                    Thread.currentThread().setName(name + "-" + task);
                    return body.call();
                }));
            } catch (InterruptedException | RuntimeException | Error e) {
                joinAfter(scope);
                throw e; // it tells more than what becomes of the forks
            }
            scope.join();
            scope.throwIfFailed();
            return result;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a thread of " + name + " failed", e.getCause());
        }
    }

    private static void joinAfter(StructuredTaskScope<?> scope) {
        try {
            scope.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
