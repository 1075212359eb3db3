package dev.heddle.server;

import dev.heddle.command.Outcome;
import dev.heddle.net.Face;
import dev.heddle.net.StopStep;
import dev.heddle.service.CommandService;
import dev.heddle.service.ServiceStatus;
import dev.heddle.time.Deadline;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a server, in two phases: first everything may come to its own end, then it is ended.
 *
 * <p><b>Threading:</b> the thread that stops the server goes through both phases; another thread may bring the second
 * one forward.
 */
final class Shutdown {
    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);
    /** What clients need beyond the grace that their commands get between TERM and KILL. */
    private static final Duration MARGIN = Duration.ofSeconds(3);
    /** How long clients that follow a job have to come for its end. */
    private static final Duration FOLLOW_TIME = Duration.ofSeconds(2);

    private final CommandService service;
    private final List<? extends Face> faces;
    private final ReentrantLock forcing = new ReentrantLock(); // held while commands are ended
    private volatile boolean forced; // written under that lock
    private volatile boolean begun; // the thread that stops the server writes
    private Ends before; // of that thread: what had ended when the stop began

    Shutdown(CommandService service, List<? extends Face> faces) {
        this.service = service;
        this.faces = List.copyOf(faces);
    }

    boolean hasBegun() {
        return begun;
    }

    /** Refuses new commands and new clients from now on. */
    void begin() {
        before = Ends.of(service.status()); // first: another thread that sees the beginning may force the end at once
        begun = true;
        service.refuseNew();
        faces.forEach(Face::refuseNew);
    }

    /** Waits for the end of all clients and jobs, and brings it about after the drain time. */
    StopReport complete(Duration drainTime) throws InterruptedException {
        Deadline deadline = Deadline.in(drainTime);
        tellAll(StopStep.DRAIN);
        boolean drained = service.awaitBackground(deadline)
                && (awaitEnd(followTime(deadline)) || take(StopStep.FINISH, deadline))
                && service.awaitIdle(deadline);
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

    /** Goes through the second phase. Blocks until it is over; a second call waits for the first. */
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
        tellAll(StopStep.CANCEL_UNLESS_FOLLOWING);
        if (service.awaitBackground(Deadline.in(killTime))) {
            awaitEnd(Deadline.in(FOLLOW_TIME));
        } else {
            LOG.error("{} jobs could not be ended", service.status().background());
        }
        if (!take(StopStep.CANCEL, Deadline.in(killTime)) && !take(StopStep.ABORT, Deadline.in(MARGIN))) {
            LOG.error("{} clients could not be ended", faces.stream().mapToLong(Face::clients).sum());
        }
        if (!service.awaitIdle(Deadline.in(killTime))) {
            LOG.error("{} commands could not be ended", service.status().running());
        }
    }

    private void tellAll(StopStep step) {
        faces.forEach(face -> face.end(step));
    }

    /** Does this to every client, and waits until all have gone. */
    private boolean take(StopStep step, Deadline deadline) throws InterruptedException {
        tellAll(step);
        return awaitEnd(deadline);
    }

    private boolean awaitEnd(Deadline deadline) throws InterruptedException {
        for (Face face : faces) {
            if (!face.awaitEnd(deadline)) {
                return false;
            }
        }
        return true;
    }
}
