package dev.heddle.run;

import dev.heddle.command.Caller;
import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.run.Ticket.State;
import dev.heddle.time.AwakeClock;
import dev.heddle.time.Guard;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only place where commands wait before they start, whatever face they come from. A command needs a slot, which it
 * holds to its end, and until its program runs one of the starts that the engine can carry on at once. While all slots
 * are taken, commands wait for a slot: so many for so long, and the others are refused. While slots are free, they
 * wait for a start, which nothing bounds but the number of those who ask. The line is {@linkplain FairLine fair}.
 * Nobody needs a thread to wait: the decision runs an action.
 *
 * <p>When too many wait for a slot, the user who has most of the places loses one.
 *
 * <p><b>Threading:</b> any thread may call any method; none blocks. Actions run on the thread that brings a decision
 * about, after the lock is released.
 */
public final class Admission {
    /**
     * The bounds of what runs and waits.
     *
     * @param maxRunning  commands that hold a slot, at least 1
     * @param maxWaiting  commands that wait for a slot, each of them for {@code maxWait}
     * @param maxStarting programs that are being started at the same time, at least 1
     */
    public record Bounds(int maxRunning, int maxWaiting, Duration maxWait, int maxStarting) {
        public Bounds {
            if (maxRunning < 1 || maxWaiting < 0 || maxWait.isNegative() || maxStarting < 1) {
                throw new IllegalArgumentException("a bound of admission is too low");
            }
        }
    }

    /**
     * How many commands run and wait.
     *
     * @param running         commands that run or are being started
     * @param waitingForSlot  commands that wait for one of these to end
     * @param waitingForStart commands that wait until the engine can start another program
     */
    public record Load(int running, int waitingForSlot, int waitingForStart) {}

    /** A user gives it to one command at a time. */
    private record Name(String user, String word) {}

    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
    private static final long LOOK_INTERVAL_NANOS = Duration.ofMillis(250).toNanos();

    private final Bounds bounds;
    private final BooleanSupplier startsHang;
    private final LongSupplier nanoTime;
    private final CommandIds ids = new CommandIds();
    private final Guard lock = new Guard();
    private final Condition waits = lock.newCondition(); // signalled when a ticket begins to wait
    private final FairLine line = new FairLine(); // this and all below: guarded by lock
    private final Map<String, Integer> ofUser = new HashMap<>(); // tickets by user, without zeros
    private final Map<Name, Ticket> named = new HashMap<>();
    private int slots; // taken
    private int starting;
    private OptionalLong fullSinceNanos = OptionalLong.empty(); // when the last slot was taken, while all are
    private volatile boolean stopping; // written under the lock

    /** @param startsHang whether the engine's starts make no progress, so that nobody should wait for them */
    Admission(Bounds bounds, BooleanSupplier startsHang, LongSupplier nanoTime) {
        this.bounds = bounds;
        this.startsHang = startsHang;
        this.nanoTime = nanoTime;
    }

    /** Makes an admission whose line is watched by a daemon thread, which lives as long as the JVM. */
    public static Admission open(Bounds bounds, BooleanSupplier startsHang) {
        Admission admission = new Admission(bounds, startsHang, AwakeClock.system()::nanoTime);
        Thread.ofPlatform().daemon().name("admission-watch").start(admission::watch);
        return admission;
    }

    /**
     * Asks for the admission of a command.
     *
     * @param name      of the command, which no other command of the user has that has not ended; empty for none
     * @param maxOfUser commands that the caller's user may have at the same time, those that wait included
     * @return to be closed
     * @throws RefusedException when there is not even room to wait, or the name is taken
     */
    public Ticket enter(Caller caller, Optional<String> name, OptionalInt maxOfUser) throws RefusedException {
        List<Ticket> decided = new ArrayList<>(1);
        Ticket ticket;
        try (Guard.Held held = lock.hold()) {
            Optional<Name> wanted = name.map(word -> new Name(caller.user(), word));
            requireAllowed(caller.user(), wanted, maxOfUser);
            makeRoom(caller.user(), decided);
            ticket = new Ticket(this, ids.next(), caller, name, nanoTime.getAsLong());
            ofUser.merge(caller.user(), 1, Integer::sum);
            wanted.ifPresent(free -> named.put(free, ticket));
            line.add(ticket);
            advance(decided);
            if (ticket.state() == State.WAITING) {
                waits.signal();
            }
        }
        decided.forEach(Ticket::decided);
        return ticket;
    }

    private void requireAllowed(String user, Optional<Name> wanted, OptionalInt maxOfUser) throws RefusedException {
        if (stopping) {
            throw RefusedException.busy("the server is stopping");
        }
        if (maxOfUser.isPresent() && ofUser.getOrDefault(user, 0) >= maxOfUser.getAsInt()) {
            throw RefusedException.busy(maxOfUser.getAsInt() + " commands of user '" + user
                    + "' are running, which is the most allowed");
        }
        Ticket holder = wanted.map(named::get).orElse(null);
        if (holder != null) {
            throw new RefusedException(Refusal.NAME_TAKEN, "your command " + holder.id() + " has the name '"
                    + wanted.get().word() + "' and has not ended");
        }
    }

    /** Sees to it that the line can take another one: a user with more places than the new one loses one to them. */
    private void makeRoom(String user, List<Ticket> decided) throws RefusedException {
        if (isFull() && line.size() >= bounds.maxWaiting()) {
            refuse(line.lastOfUserOverShare(user).orElseThrow(this::tooMany), tooMany(), decided);
        }
    }

    private boolean isFull() {
        return slots == bounds.maxRunning();
    }

    private RefusedException tooMany() {
        return RefusedException.busy(
                bounds.maxRunning() + " commands are running and " + bounds.maxWaiting() + " are waiting");
    }

    /**
     * Grants slots and starts to the tickets whose turn it is. Once the last slot is taken, tickets beyond the bound of
     * the line are refused. A slot that passes from one ticket to the next was never free: the wait of others goes on.
     */
    private void advance(List<Ticket> decided) {
        while (!isFull() && starting < bounds.maxStarting() && line.size() > 0) {
            Ticket next = line.poll();
            next.state(State.STARTING);
            decided.add(next);
            starting++;
            slots++;
        }
        if (!isFull()) {
            fullSinceNanos = OptionalLong.empty();
        } else if (fullSinceNanos.isEmpty()) {
            fullSinceNanos = OptionalLong.of(nanoTime.getAsLong());
            while (line.size() > bounds.maxWaiting()) {
                refuse(line.lastOfLargest(), tooMany(), decided);
            }
        }
    }

    private void refuse(Ticket ticket, RefusedException reason, List<Ticket> decided) {
        line.remove(ticket);
        ticket.refuse(reason);
        decided.add(ticket);
    }

    boolean isGranted(Ticket ticket) {
        try (Guard.Held held = lock.hold()) {
            return ticket.state() == State.STARTING;
        }
    }

    void startIsOver(Ticket ticket) {
        List<Ticket> decided = new ArrayList<>(1);
        try (Guard.Held held = lock.hold()) {
            if (ticket.state() == State.STARTING) {
                ticket.state(State.RUNNING);
                starting--;
                advance(decided);
            }
        }
        decided.forEach(Ticket::decided);
    }

    void withdraw(Ticket ticket) {
        List<Ticket> decided = new ArrayList<>(1);
        try (Guard.Held held = lock.hold()) {
            if (ticket.state() == State.WAITING) {
                line.remove(ticket);
                ticket.state(State.WITHDRAWN);
                decided.add(ticket);
            }
        }
        decided.forEach(Ticket::decided);
    }

    void close(Ticket ticket) {
        List<Ticket> decided = new ArrayList<>(1);
        try (Guard.Held held = lock.hold()) {
            switch (ticket.state()) {
                case WAITING -> {
                    line.remove(ticket);
                    decided.add(ticket);
                }
                case STARTING -> {
                    starting--;
                    slots--;
                }
                case RUNNING -> slots--;
                case REFUSED, WITHDRAWN -> { }
                case CLOSED -> throw new IllegalStateException("the ticket of " + ticket.id() + " is closed");
            }
            ticket.state(State.CLOSED);
            ofUser.computeIfPresent(ticket.user(), (user, before) -> before == 1 ? null : before - 1);
            ticket.name().ifPresent(word -> named.remove(new Name(ticket.user(), word)));
            advance(decided);
        }
        decided.forEach(Ticket::decided);
    }

    /** Refuses commands from now on, but for those that run or wait already. */
    public void refuseNew() {
        try (Guard.Held held = lock.hold()) {
            stopping = true;
        }
    }

    public boolean isStopping() {
        return stopping;
    }

    private void watch() {
        while (true) {
            try {
                awaitOverdue();
                refuseOverdue();
            } catch (InterruptedException | RuntimeException | Error e) { // nobody interrupts it
                LOG.error("watching those who wait for their commands has failed; it goes on", e);
            }
        }
    }

    private void awaitOverdue() throws InterruptedException {
        try (Guard.Held held = lock.holdInterruptibly()) {
            while (line.size() == 0) {
                waits.await();
            }
            waits.awaitNanos(Math.clamp(nanosToNextOverdue(), 1, LOOK_INTERVAL_NANOS));
        }
    }

    /** All wait equally long for a slot, so that the oldest is the first whose time is up. */
    private long nanosToNextOverdue() {
        if (line.size() == 0 || fullSinceNanos.isEmpty()) {
            return Long.MAX_VALUE;
        }
        long now = nanoTime.getAsLong();
        long waitedNanos = Math.min(now - line.oldest().enteredNanos(), now - fullSinceNanos.getAsLong());
        return bounds.maxWait().toNanos() - waitedNanos;
    }

    /** Refuses those who have waited for a slot for too long, and those who wait for starts that hang. */
    void refuseOverdue() {
        boolean hang = startsHang.getAsBoolean();
        List<Ticket> decided = new ArrayList<>();
        try (Guard.Held held = lock.hold()) {
            while (nanosToNextOverdue() <= 0) {
                refuse(line.oldest(), RefusedException.busy(bounds.maxRunning() + " commands are running; none of their"
                        + " slots was free for this one within " + bounds.maxWait().toMillis() + " ms"), decided);
            }
            while (hang && !isFull() && line.size() > 0) {
                refuse(line.oldest(), new RefusedException(Refusal.NO_RESOURCES,
                        "the host cannot start another process now: the starts of others hang"), decided);
            }
        }
        decided.forEach(Ticket::decided);
    }

    public Bounds bounds() {
        return bounds;
    }

    public Load load() {
        try (Guard.Held held = lock.hold()) {
            return new Load(slots, isFull() ? line.size() : 0, isFull() ? 0 : line.size());
        }
    }
}
