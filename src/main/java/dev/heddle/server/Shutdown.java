package dev.heddle.server;

import dev.heddle.command.Outcome;
import dev.heddle.net.ClientSession;
import dev.heddle.service.CommandService;
import dev.heddle.service.ServiceStatus;
import dev.heddle.time.Deadline;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a server, in two phases: first everything may come to its own end, then it is ended. Whoever stops
 * the server goes through both; another thread may bring the second one forward.
 */
final class Shutdown {
    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);
    /** What sessions need beyond the grace that their commands get between TERM and KILL. */
    private static final Duration MARGIN = Duration.ofSeconds(3);
    /** How long clients that follow a job have to come for its end. */
    private static final Duration FOLLOW_TIME = Duration.ofSeconds(2);

    private final CommandService service;
    private final Set<ClientSession> sessions; // of the server, which goes on changing it
    private final Places places;
    private final ReentrantLock forcing = new ReentrantLock(); // held while commands are ended
    private volatile boolean forced; // written under that lock
    private volatile boolean begun; // written by whoever stops the server
    private Ends before; // what had ended when the stop began; the same thread's alone
    private volatile Consumer<ClientSession> step = session -> { }; // what happens to who comes in late

    Shutdown(CommandService service, Set<ClientSession> sessions, Places places) {
        this.service = service;
        this.sessions = sessions;
        this.places = places;
    }

    boolean hasBegun() {
        return begun;
    }

    /** A session that has just been added. */
    void meets(ClientSession session) {
        step.accept(session);
    }

    /** From now on no command is started. */
    void begin() {
        before = Ends.of(service.status()); // first: who sees that it has begun may force it at once
        begun = true;
        service.refuseNew();
    }

    /** Waits for the end of all clients and jobs, and brings it about after the drain time. */
    StopReport complete(Duration drainTime) throws InterruptedException {
        Deadline deadline = Deadline.in(drainTime);
        tellAll(ClientSession::drain);
        boolean drained = service.awaitBackground(deadline)
                && (places.awaitAllFree(followTime(deadline)) || take(ClientSession::finish, deadline));
        if (!drained) {
            force();
        }
        Ends ends = Ends.of(service.status()).minus(before);
        return new StopReport(forced ? StopReport.How.FORCED : StopReport.How.GRACEFUL, ends.own(), ends.forced());
    }

    private static Deadline followTime(Deadline drainEnd) {
        return Deadline.in(Duration.ofNanos(Math.min(FOLLOW_TIME.toNanos(), drainEnd.left())));
    }

    /** How many commands came to an end of their own, and how many were ended. */
    private record Ends(long own, long forced) {
        static Ends of(ServiceStatus status) {
            long all = status.ended().values().stream().mapToLong(Long::longValue).sum();
            long forced = status.ended().getOrDefault(new Outcome.Cancelled().word(), 0L);
            return new Ends(all - forced, forced);
        }

        Ends minus(Ends other) {
            return new Ends(own - other.own, forced - other.forced);
        }
    }

    /** The second phase. Blocks until it is through; a second call waits for the first. */
    void force() throws InterruptedException {
        forcing.lockInterruptibly();
        try {
            if (!forced) {
                forced = true;
                endAll();
            }
        } finally {
            forcing.unlock();
        }
    }

    private void endAll() throws InterruptedException {
        Duration killTime = service.stopTime().plus(MARGIN);
        service.cancelBackground();
        tellAll(Shutdown::cancelUnlessItFollows);
        if (service.awaitBackground(Deadline.in(killTime))) {
            places.awaitAllFree(Deadline.in(FOLLOW_TIME));
        } else {
            LOG.error("{} jobs could not be ended", service.status().background());
        }
        if (!take(ClientSession::cancel, Deadline.in(killTime))
                && !take(ClientSession::abort, Deadline.in(MARGIN))) {
            LOG.error("{} clients could not be ended", sessions.size());
        }
    }

    /** Jobs are ended at the same time, and then it hears the end of those that it follows. */
    private static void cancelUnlessItFollows(ClientSession session) {
        if (!session.followsJobs()) {
            session.cancel();
        }
    }

    /** Does this to every session, also to one that comes in now. */
    private void tellAll(Consumer<ClientSession> next) {
        step = next;
        sessions.forEach(next);
    }

    /** Does this to every session, and waits until all have ended. */
    private boolean take(Consumer<ClientSession> next, Deadline deadline) throws InterruptedException {
        tellAll(next);
        return places.awaitAllFree(deadline);
    }
}
