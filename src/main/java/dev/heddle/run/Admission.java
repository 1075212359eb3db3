package dev.heddle.run;

import dev.heddle.command.Caller;
import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.run.Ticket.State;
import dev.heddle.time.AwakeClock;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only place where commands wait before they start, whatever face they come from. A command first needs one of so
 * many slots, which it holds to its end; the wait for one is bounded in number and time. Then it waits until the engine
 * can start another program, which is bounded by nothing but the number of those who ask. Both lines are
 * {@linkplain FairLine fair}. Nobody needs a thread to wait: the decision runs an action.
 *
 * <p>When the line for slots is full, a user with a larger part of it than the new one loses a place to them.
 *
 * <p><b>Threading:</b> any thread may call any method; none blocks. Actions run on the thread that brings a decision
 * about, after the lock is released.
 */
public final class Admission {
    /**
     * The bounds of what runs and waits.
     *
     * @param maxRunning  commands that hold a slot, at least 1
     * @param maxWaiting  commands that wait for a slot
     * @param maxWait     how long each of them waits
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
     * What there is to do.
     *
     * @param running         commands that run or are being started
     * @param waitingForSlot  commands that wait for one of these to end
     * @param waitingForStart commands that wait until the engine can start another program
     */
    public record Load(int running, int waitingForSlot, int waitingForStart) {
        public int waiting() {
            return waitingForSlot + waitingForStart;
        }
    }

    /** A name, which a user gives to one command at a time. */
    private record Name(String user, String word) {}

    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
    private static final long LOOK_INTERVAL_NANOS = Duration.ofMillis(250).toNanos();

    private final Bounds bounds;
    private final BooleanSupplier startsHang;
    private final LongSupplier nanoTime;
    private final CommandIds ids = new CommandIds();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition waits = lock.newCondition(); // signalled when somebody begins to wait
    private final FairLine forSlot = new FairLine(); // this and all below: guarded by lock
    private final FairLine forStart = new FairLine();
    private final Queue<Ticket> byAge = new ArrayDeque<>(); // those in forSlot, and some that have left it
    private final Map<String, Integer> ofUser = new HashMap<>(); // tickets by user, without zeros
    private final Map<Name, Ticket> named = new HashMap<>();
    private int slots; // taken: of those that wait for a start, start and run
    private int starting;
    private boolean stopping;

    /** An admission whose lines are watched by a daemon thread of its own, which lives as long as the JVM. */
    public static Admission open(Bounds bounds, BooleanSupplier startsHang) {
        Admission admission = new Admission(bounds, startsHang, AwakeClock.system()::nanoTime);
        Thread.ofPlatform().daemon().name("admission-watch").start(new AdmissionWatch(admission));
        return admission;
    }

    /**
     * An admission that nobody watches.
     *
     * @param startsHang whether the engine's starts make no progress, so that nobody should wait for them
     * @param nanoTime   as {@link System#nanoTime}
     */
    Admission(Bounds bounds, BooleanSupplier startsHang, LongSupplier nanoTime) {
        this.bounds = bounds;
        this.startsHang = startsHang;
        this.nanoTime = nanoTime;
    }

    /**
     * Asks for the admission of a command.
     *
     * @param name      of the command, which no other command of the user has that has not ended; empty for none
     * @param maxOfUser commands that the caller's user may have at the same time, those that wait included
     * @return the ticket, which is decided already or will be; to be closed
     * @throws RefusedException when there is not even room to wait, or the name is taken
     */
    public Ticket enter(Caller caller, Optional<String> name, OptionalInt maxOfUser) throws RefusedException {
        final Ticket ticket;
        List<Ticket> decided = new ArrayList<>(1);
        lock.lock();
        try {
            if (stopping) {
                throw RefusedException.busy("the server is stopping");
            }
            String user = caller.user();
            if (maxOfUser.isPresent() && ofUser.getOrDefault(user, 0) >= maxOfUser.getAsInt()) {
                throw RefusedException.busy(maxOfUser.getAsInt() + " commands of user '" + user
                        + "' are running, which is the most allowed");
            }
            Optional<Name> wanted = name.map(word -> new Name(user, word));
            Ticket holder = wanted.map(named::get).orElse(null);
            if (holder != null) {
                throw new RefusedException(Refusal.NAME_TAKEN, "your command " + holder.id() + " has the name '"
                        + name.get() + "' and has not ended");
            }
            ticket = new Ticket(this, ids.next(), caller, name, nanoTime.getAsLong());
            if (slots < bounds.maxRunning()) { // then nobody waits for one
                takeSlot(ticket, decided);
            } else {
                awaitSlot(ticket, decided);
            }
            ofUser.merge(user, 1, Integer::sum);
            wanted.ifPresent(free -> named.put(free, ticket));
        } finally {
            lock.unlock();
        }
        tell(decided);
        return ticket;
    }

    private void awaitSlot(Ticket ticket, List<Ticket> decided) throws RefusedException {
        if (forSlot.size() >= bounds.maxWaiting()) {
            Optional<Ticket> givesWay = forSlot.lastOfUserOverShare(ticket.user());
            if (givesWay.isEmpty()) {
                throw full();
            }
            refuse(forSlot, givesWay.get(), full(), decided);
        }
        ticket.state(State.WAITING_FOR_SLOT);
        forSlot.add(ticket);
        byAge.add(ticket);
        waits.signal();
    }

    private RefusedException full() {
        return RefusedException.busy(bounds.maxRunning() + " commands are running and " + bounds.maxWaiting()
                + " are waiting");
    }

    private void takeSlot(Ticket ticket, List<Ticket> decided) {
        slots++;
        if (starting < bounds.maxStarting()) { // then nobody waits for that
            grant(ticket, decided);
        } else {
            ticket.state(State.WAITING_FOR_START);
            forStart.add(ticket);
            waits.signal();
        }
    }

    private void grant(Ticket ticket, List<Ticket> decided) {
        starting++;
        ticket.state(State.STARTING);
        decided.add(ticket);
    }

    private static void refuse(FairLine line, Ticket ticket, RefusedException reason, List<Ticket> decided) {
        line.remove(ticket);
        ticket.refuse(reason);
        decided.add(ticket);
    }

    private static void tell(List<Ticket> decided) {
        for (Ticket ticket : decided) {
            try {
                ticket.decided();
            } catch (RuntimeException | Error e) { // it has nothing to do with the command of this thread
                LOG.error("the command {} could not be told that it may start; others go on", ticket.id(), e);
            }
        }
    }

    boolean isGranted(Ticket ticket) {
        lock.lock();
        try {
            return ticket.state() == State.STARTING;
        } finally {
            lock.unlock();
        }
    }

    void startIsOver(Ticket ticket) {
        List<Ticket> decided = new ArrayList<>(1);
        lock.lock();
        try {
            if (ticket.state() == State.STARTING) {
                ticket.state(State.RUNNING);
                freeStart(decided);
            }
        } finally {
            lock.unlock();
        }
        tell(decided);
    }

    private void freeStart(List<Ticket> decided) {
        starting--;
        Ticket next = forStart.poll();
        if (next != null) {
            grant(next, decided);
        }
    }

    private void freeSlot(List<Ticket> decided) {
        slots--;
        Ticket next = forSlot.poll();
        if (next == null) {
            byAge.clear();
        } else {
            takeSlot(next, decided);
        }
    }

    void withdraw(Ticket ticket) {
        List<Ticket> decided = new ArrayList<>(1);
        lock.lock();
        try {
            switch (ticket.state()) {
                case WAITING_FOR_SLOT, WAITING_FOR_START -> {
                    leaveLine(ticket, decided);
                    ticket.state(State.WITHDRAWN);
                    decided.add(ticket);
                }
                case STARTING, RUNNING, REFUSED, WITHDRAWN, CLOSED -> { } // it does not wait
            }
        } finally {
            lock.unlock();
        }
        tell(decided);
    }

    private void leaveLine(Ticket ticket, List<Ticket> decided) {
        if (ticket.state() == State.WAITING_FOR_SLOT) {
            forSlot.remove(ticket);
        } else {
            forStart.remove(ticket);
            freeSlot(decided);
        }
    }

    void close(Ticket ticket) {
        List<Ticket> decided = new ArrayList<>(2);
        lock.lock();
        try {
            switch (ticket.state()) {
                case WAITING_FOR_SLOT, WAITING_FOR_START -> {
                    leaveLine(ticket, decided);
                    decided.add(ticket);
                }
                case STARTING -> {
                    freeStart(decided);
                    freeSlot(decided);
                }
                case RUNNING -> freeSlot(decided);
                case REFUSED, WITHDRAWN -> { }
                case CLOSED -> throw new IllegalStateException("the ticket of " + ticket.id() + " is closed");
            }
            ticket.state(State.CLOSED);
            ofUser.computeIfPresent(ticket.user(), (user, before) -> before == 1 ? null : before - 1);
            ticket.name().ifPresent(word -> named.remove(new Name(ticket.user(), word)));
        } finally {
            lock.unlock();
        }
        tell(decided);
    }

    /** Whether new commands are refused. */
    public boolean isStopping() {
        lock.lock();
        try {
            return stopping;
        } finally {
            lock.unlock();
        }
    }

    /** Refuses commands from now on, but for those that run or wait already. */
    public void refuseNew() {
        lock.lock();
        try {
            stopping = true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until it is time for {@link #refuseOverdue}: for the watch. */
    void awaitOverdue() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (forSlot.size() == 0 && forStart.size() == 0) {
                waits.await();
            }
            waits.awaitNanos(Math.clamp(nanosToNextOverdue(), 1, LOOK_INTERVAL_NANOS));
        } finally {
            lock.unlock();
        }
    }

    private long nanosToNextOverdue() {
        Ticket oldest = oldest();
        return oldest == null ? Long.MAX_VALUE
                : bounds.maxWait().toNanos() - (nanoTime.getAsLong() - oldest.enteredNanos());
    }

    /** All wait equally long, so that the oldest is the first whose time is up. */
    private Ticket oldest() {
        while (!byAge.isEmpty() && byAge.peek().state() != State.WAITING_FOR_SLOT) {
            byAge.remove();
        }
        return byAge.peek();
    }

    /** Refuses those who have waited for a slot for too long, and those who wait for starts that hang. */
    void refuseOverdue() {
        boolean hang = startsHang.getAsBoolean();
        List<Ticket> decided = new ArrayList<>();
        lock.lock();
        try {
            while (nanosToNextOverdue() <= 0) {
                refuse(forSlot, oldest(), RefusedException.busy(bounds.maxRunning()
                        + " commands are running; none ended within " + bounds.maxWait().toMillis() + " ms"), decided);
            }
            for (int left = hang ? forStart.size() : 0; left > 0; left--) {
                Ticket ticket = forStart.poll();
                ticket.refuse(new RefusedException(Refusal.NO_RESOURCES,
                        "the host cannot start another process now: the starts of others hang"));
                decided.add(ticket);
                freeSlot(decided);
            }
        } finally {
            lock.unlock();
        }
        tell(decided);
    }

    public Bounds bounds() {
        return bounds;
    }

    /** How many commands run and wait now. */
    public Load load() {
        lock.lock();
        try {
            return new Load(slots - forStart.size(), forSlot.size(), forStart.size());
        } finally {
            lock.unlock();
        }
    }
}
