package dev.heddle.scope;

import java.util.concurrent.Callable;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.concurrent.ThreadFactory;

/**
 * The only class that names {@link StructuredTaskScope}: opens a scope, lets its owner fork and wait, joins. It
 * exists once for JDK 25 and later (JEP 505) and once for JDK 21. Nothing here spells the scope's own type,
 * whose type parameters differ between releases.
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
        try (var scope = StructuredTaskScope.open(Joiner.<Object>awaitAllSuccessfulOrThrow(),
                configuration -> configuration.withThreadFactory(threads).withName(name))) {
            R result;
            try {
                result = owner.call((task, body) -> scope.fork(() -> {
                    Thread.currentThread().setName(name + "-" + task);
                    return body.call();
                }));
            } catch (InterruptedException | RuntimeException | Error e) {
                joinAfter(e, scope::join, name);
                throw e;
            }
            join(scope::join, name);
            return result;
        }
    }

    /** The owner's own exception tells more than what becomes of the forks. */
    private static void joinAfter(Throwable first, Callable<?> join, String name) {
        try {
            join(join, name);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            first.addSuppressed(e);
        }
    }

    private static void join(Callable<?> join, String name) throws InterruptedException {
        try {
            join.call();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) { // its type differs between releases too
            throw new IllegalStateException("a thread of " + name + " failed", e.getCause());
        }
    }
}
