package dev.heddle.run;

import dev.heddle.command.Caller;
import dev.heddle.command.RefusedException;
import dev.heddle.time.Cancellation;
import dev.heddle.time.Deadline;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admission of one command, from the moment that it is asked for to the command's end. {@link Admission} makes it;
 * whoever holds it closes it, exactly once, whatever has become of the command.
 *
 * <pre>
 * WAITING → STARTING → RUNNING
 *    └→ REFUSED, WITHDRAWN        all → CLOSED
 * </pre>
 *
 * <p><b>Threading:</b> any thread may call any method; only {@link #await} blocks.
 */
public final class Ticket implements AutoCloseable {
    enum State {
        /** For a slot or a start. */
        WAITING,
        /** Granted: the program may be started. */
        STARTING, RUNNING,
        /** Nothing will be run, for want of room. */
        REFUSED,
        /** Nothing will be run, because nobody wants it any more. */
        WITHDRAWN, CLOSED
    }

    private static final Logger LOG = LoggerFactory.getLogger(Ticket.class);

    private final Admission admission;
    private final String id;
    private final Caller caller;
    private final Optional<String> name;
    private final long enteredNanos;
    private final CompletableFuture<Void> decision = new CompletableFuture<>();
    private RefusedException refusal; // of a refused ticket; written before the decision
    private State state = State.WAITING; // guarded by the lock of Admission

    Ticket(Admission admission, String id, Caller caller, Optional<String> name, long enteredNanos) {
        this.admission = admission;
        this.id = id;
        this.caller = caller;
        this.name = name;
        this.enteredNanos = enteredNanos;
    }

    /** The command's ID, unique in the life of this server and most likely beyond, as in {@code k3fx-17}. */
    public String id() {
        return id;
    }

    /** The name that the client has given to the command. */
    public Optional<String> name() {
        return name;
    }

    String user() {
        return caller.user();
    }

    long connection() {
        return caller.client();
    }

    State state() {
        return state;
    }

    void state(State newState) {
        state = newState;
    }

    long enteredNanos() {
        return enteredNanos;
    }

    void refuse(RefusedException reason) {
        refusal = reason;
        state = State.REFUSED;
    }

    /** Tells those who wait for it. For Admission, which does not hold its lock then: actions take other locks. */
    void decided() {
        try {
            decision.complete(null);
        } catch (RuntimeException | Error e) { // it has nothing to do with the command of this thread
            LOG.error("the command {} could not be told that it may start; others go on", id, e);
        }
    }

    /**
     * Runs an action once it is decided whether the program may be started; at once if it is. The action may run on the
     * thread of another command, and so must neither block nor throw.
     */
    public void whenDecided(Runnable action) {
        decision.thenRun(action);
    }

    /**
     * Waits until the program may be started.
     *
     * @param cancellation ends the wait
     * @return false when the wait was cancelled
     * @throws RefusedException     when the server has no room for the command
     * @throws InterruptedException when the thread is interrupted
     */
    public boolean await(Cancellation cancellation) throws RefusedException, InterruptedException {
        try (Cancellation.Listening listening = cancellation.whenCancelled(this::withdraw)) {
            Deadline.unbounded().await(decision);
        }
        if (refusal != null) {
            throw refusal.again();
        }
        return admission.isGranted(this);
    }

    /** Gives up waiting, if it waits. The holder still closes the ticket. */
    public void withdraw() {
        admission.withdraw(this);
    }

    /** Says that the start is over, however it went: another program may be started. */
    void startIsOver() {
        admission.startIsOver(this);
    }

    /**
     * Gives back what the command has taken, or its place in the line.
     *
     * @throws IllegalStateException when the ticket has been closed before
     */
    @Override
    public void close() {
        admission.close(this);
    }
}
