package dev.heddle.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.command.Caller;
import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.time.Cancellation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

/** Who may start when. No thread but the test's own takes part, and the clock is the test's. */
class AdmissionTest {
    private static final Duration MAX_WAIT = Duration.ofSeconds(10);
    private static final int MANY = 1000;
    private static final String NO_SLOT = "none of their slots was free for this one within 10000 ms";

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicBoolean hang = new AtomicBoolean();
    private final List<String> granted = new ArrayList<>(); // labels, in the order of their grants

    private Admission admission(int maxRunning, int maxWaiting, int maxStarting) {
        return new Admission(new Admission.Bounds(maxRunning, maxWaiting, MAX_WAIT, maxStarting), hang::get,
                nanos::get);
    }

    private static Caller caller(String user, long client) {
        return new Caller("test", user, "here", client);
    }

    private Ticket enter(Admission admission, String user, long client) throws RefusedException {
        Ticket ticket = admission.enter(caller(user, client), Optional.empty(), OptionalInt.empty());
        ticket.whenDecided(() -> {
            if (admission.isGranted(ticket)) {
                granted.add(user + client);
            }
        });
        return ticket;
    }

    private static void run(Ticket ticket) {
        ticket.startIsOver();
        ticket.close();
    }

    private static void assertRefused(Ticket ticket, Refusal reason, String message) {
        assertThatThrownBy(() -> ticket.await(new Cancellation()))
                .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessage(message);
    }

    @Test
    void whatHasRoomIsGrantedAtOnce() throws Exception {
        Admission admission = admission(2, 0, 2);
        Ticket one = enter(admission, "a", 1);
        Ticket two = enter(admission, "a", 2);
        assertThat(granted).containsExactly("a1", "a2");
        assertThat(one.await(new Cancellation())).isTrue();
        assertThat(one.id()).matches("[a-z0-9]{4}-1").isNotEqualTo(two.id());
        assertThat(admission.load()).isEqualTo(new Admission.Load(2, 0, 0));
    }

    @Test
    void aSlotIsHeldToTheEndAndAStartOnlyUntilItIsOver() throws Exception {
        Admission admission = admission(2, MANY, 1);
        Ticket first = enter(admission, "a", 1);
        Ticket second = enter(admission, "a", 2);
        Ticket third = enter(admission, "a", 3);
        assertThat(admission.load()).isEqualTo(new Admission.Load(1, 0, 2));
        first.startIsOver();
        assertThat(granted).containsExactly("a1", "a2");
        second.startIsOver();
        assertThat(admission.load()).isEqualTo(new Admission.Load(2, 1, 0));
        first.close();
        assertThat(granted).containsExactly("a1", "a2", "a3");
        run(third);
        second.close();
        assertThat(admission.load()).isEqualTo(new Admission.Load(0, 0, 0));
    }

    @Test
    void aStartThatFailsMakesRoomWhenItsTicketIsClosed() throws Exception {
        Admission admission = admission(5, 0, 1);
        Ticket failing = enter(admission, "a", 1);
        Ticket next = enter(admission, "a", 2);
        failing.close();
        assertThat(granted).containsExactly("a1", "a2");
        run(next);
        assertThat(admission.load().running()).isZero();
    }

    @Test
    void usersTakeTurnsAndThenTheirConnections() throws Exception {
        Admission admission = admission(1, MANY, 1);
        Ticket first = enter(admission, "a", 1);
        List<Ticket> waiting = new ArrayList<>();
        for (long client : new long[] {1, 1, 2, 3}) {
            waiting.add(enter(admission, "a", client));
        }
        waiting.add(enter(admission, "b", 9));
        waiting.add(enter(admission, "b", 9));
        granted.clear();
        run(first);
        while (!waiting.isEmpty()) {
            Ticket turn = waiting.stream().filter(admission::isGranted).findFirst().orElseThrow();
            waiting.remove(turn);
            run(turn);
        }
        assertThat(granted).containsExactly("a1", "b9", "a2", "b9", "a3", "a1");
    }

    @Test
    void theLineForStartsIsFairToo() throws Exception {
        Admission admission = admission(MANY, 0, 1);
        Ticket first = enter(admission, "a", 0);
        Ticket second = enter(admission, "a", 1);
        for (int i = 2; i <= 100; i++) {
            enter(admission, "a", i);
        }
        Ticket other = enter(admission, "b", 1);
        first.startIsOver();
        second.startIsOver();
        assertThat(granted).containsExactly("a0", "a1", "b1");
        assertThat(admission.isGranted(other)).isTrue();
    }

    @Test
    void theLineForSlotsIsBounded() throws Exception {
        Admission admission = admission(1, 2, 1);
        enter(admission, "a", 1);
        enter(admission, "a", 2);
        enter(admission, "a", 3);
        assertThatThrownBy(() -> enter(admission, "a", 4)).isInstanceOf(RefusedException.class)
                .hasMessage("1 commands are running and 2 are waiting");
        assertThat(admission.load()).isEqualTo(new Admission.Load(1, 2, 0));
    }

    @Test
    void theLineForStartsIsNot() throws Exception {
        Admission admission = admission(MANY, 0, 1);
        for (int i = 0; i < MANY; i++) {
            enter(admission, "a", i);
        }
        assertThat(admission.load()).isEqualTo(new Admission.Load(1, 0, MANY - 1));
    }

    @Test
    void whoHasMostOfAFullLineGivesWay() throws Exception {
        Admission admission = admission(1, 3, 1);
        Ticket first = enter(admission, "a", 1);
        enter(admission, "a", 2);
        enter(admission, "a", 3);
        Ticket last = enter(admission, "a", 4);
        Ticket other = enter(admission, "b", 5);
        assertRefused(last, Refusal.BUSY, "1 commands are running and 3 are waiting");
        assertThatThrownBy(() -> enter(admission, "b", 6)) // two of a, one of b: nobody is over their share
                .isInstanceOf(RefusedException.class);
        assertThat(admission.load().waitingForSlot()).isEqualTo(3);
        last.close();
        run(first);
        assertThat(granted).containsExactly("a1", "a2");
        other.close();
    }

    @Test
    void nobodyGivesWayToAUserWithAsMany() throws Exception {
        Admission admission = admission(1, 2, 1);
        enter(admission, "a", 1);
        enter(admission, "a", 2);
        enter(admission, "b", 3);
        assertThatThrownBy(() -> enter(admission, "b", 4)).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> enter(admission, "a", 5)).isInstanceOf(RefusedException.class);
    }

    @Test
    void theWaitForASlotEnds() throws Exception {
        Admission admission = admission(1, MANY, 1);
        Ticket first = enter(admission, "a", 1);
        Ticket early = enter(admission, "a", 2);
        nanos.addAndGet(MAX_WAIT.toNanos() / 2);
        Ticket late = enter(admission, "a", 3);
        nanos.addAndGet(MAX_WAIT.toNanos() / 2);
        admission.refuseOverdue();
        assertRefused(early, Refusal.BUSY, "1 commands are running; " + NO_SLOT);
        assertThat(admission.load().waitingForSlot()).isEqualTo(1);
        early.close();
        run(first);
        assertThat(admission.isGranted(late)).isTrue();
    }

    @Test
    void theWaitForAStartEndsWhenStartsHang() throws Exception {
        Admission admission = admission(2, MANY, 1);
        Ticket hanging = enter(admission, "a", 1);
        Ticket waiting = enter(admission, "a", 2);
        nanos.addAndGet(2 * MAX_WAIT.toNanos());
        admission.refuseOverdue();
        assertThat(admission.load()).isEqualTo(new Admission.Load(1, 0, 1));
        hang.set(true);
        admission.refuseOverdue();
        assertRefused(waiting, Refusal.NO_RESOURCES,
                "the host cannot start another process now: the starts of others hang");
        hanging.close();
        waiting.close();
        assertThat(admission.load()).isEqualTo(new Admission.Load(0, 0, 0));
    }

    /** A burst that only starts slow down is not refused, however few may wait for a slot. */
    @Test
    void thoseWhoWaitForAStartHoldNoSlot() throws Exception {
        Admission admission = admission(3, 1, 1);
        List<Ticket> burst = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            burst.add(enter(admission, "a", i));
        }
        for (Ticket ticket : burst) {
            assertThat(admission.isGranted(ticket)).isTrue();
            run(ticket);
        }
    }

    @Test
    void whenTheLastSlotIsTakenThoseAreRefusedWhoAreTooMany() throws Exception {
        Admission admission = admission(2, 2, 1);
        Ticket first = enter(admission, "a", 1);
        List<Ticket> waiting = new ArrayList<>();
        for (int i = 2; i <= 5; i++) {
            waiting.add(enter(admission, "a", i));
        }
        Ticket other = enter(admission, "b", 6);
        assertThat(admission.load()).isEqualTo(new Admission.Load(1, 0, 5));
        first.startIsOver();
        assertThat(granted).containsExactly("a1", "a2");
        assertThat(admission.load()).isEqualTo(new Admission.Load(2, 2, 0));
        assertRefused(waiting.get(3), Refusal.BUSY, "2 commands are running and 2 are waiting");
        assertRefused(waiting.get(2), Refusal.BUSY, "2 commands are running and 2 are waiting");
        first.close();
        waiting.get(0).close();
        assertThat(granted).as("b has a place, and a turn").contains("b6");
        other.close();
    }

    /** Nobody's time for a slot passes while there are some. */
    @Test
    void theWaitForASlotBeginsWhenAllAreTaken() throws Exception {
        Admission admission = admission(2, MANY, 1);
        Ticket first = enter(admission, "a", 1);
        Ticket second = enter(admission, "a", 2);
        Ticket third = enter(admission, "a", 3);
        nanos.addAndGet(MAX_WAIT.toNanos());
        first.startIsOver();
        assertThat(admission.isGranted(second)).isTrue();
        nanos.addAndGet(MAX_WAIT.toNanos() - 1);
        admission.refuseOverdue();
        assertThat(admission.load().waitingForSlot()).isEqualTo(1);
        nanos.addAndGet(1);
        admission.refuseOverdue();
        assertRefused(third, Refusal.BUSY, "2 commands are running; " + NO_SLOT);
    }

    /** Others may take one turn after the other meanwhile. */
    @Test
    void theWaitForASlotEndsThoughSlotsChangeHands() throws Exception {
        Admission admission = admission(1, MANY, 1);
        List<Ticket> tickets = new ArrayList<>();
        for (int i = 0; i <= 10; i++) {
            tickets.add(enter(admission, "a", i));
        }
        for (int i = 0; i < 3; i++) {
            nanos.addAndGet(MAX_WAIT.toNanos() / 4);
            enter(admission, "a", 11 + i);
            run(tickets.get(i));
            assertThat(admission.isGranted(tickets.get(i + 1))).isTrue();
        }
        nanos.addAndGet(MAX_WAIT.toNanos() / 4);
        admission.refuseOverdue();
        assertThat(admission.load().waitingForSlot()).as("those who came later").isEqualTo(3);
        assertRefused(tickets.get(10), Refusal.BUSY, "1 commands are running; " + NO_SLOT);
    }

    @Test
    void aTicketThatIsWithdrawnLeavesItsLine() throws Exception {
        Admission admission = admission(2, MANY, 1);
        Ticket first = enter(admission, "a", 1);
        Ticket forStart = enter(admission, "a", 2);
        Ticket other = enter(admission, "a", 3);
        Cancellation cancelled = new Cancellation();
        cancelled.cancel();
        assertThat(forStart.await(cancelled)).isFalse();
        assertThat(admission.load()).isEqualTo(new Admission.Load(1, 0, 1));
        other.withdraw();
        forStart.close();
        other.close();
        run(first);
        assertThat(granted).containsExactly("a1");
        assertThat(admission.load()).isEqualTo(new Admission.Load(0, 0, 0));
    }

    /** Whoever leaves a line takes no turn, and costs nobody else one. */
    @Test
    void turnsStayFairWhenSomeLeave() throws Exception {
        Admission admission = admission(1, MANY, 1);
        Ticket first = enter(admission, "a", 0);
        List<Ticket> waiting = new ArrayList<>();
        List<Ticket> leaving = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            leaving.add(enter(admission, "a", i));
            leaving.add(enter(admission, "c", 1));
        }
        for (long client : new long[] {1, 2, 3}) {
            waiting.add(enter(admission, "a", client));
        }
        waiting.add(enter(admission, "b", 1));
        waiting.add(enter(admission, "b", 1));
        for (int i = 0; i < leaving.size(); i++) {
            if (i % 2 == 0) {
                leaving.get(i).withdraw();
            }
            leaving.get(i).close();
        }
        assertThat(admission.load()).isEqualTo(new Admission.Load(1, 5, 0));
        granted.clear();
        run(first);
        while (!waiting.isEmpty()) {
            Ticket turn = waiting.stream().filter(admission::isGranted).findFirst().orElseThrow();
            waiting.remove(turn);
            run(turn);
        }
        assertThat(granted).containsExactly("a1", "b1", "a2", "b1", "a3");
        assertThat(admission.load()).isEqualTo(new Admission.Load(0, 0, 0));
    }

    /** A user's part of the line counts while it waits, not what has left. */
    @Test
    void whoHasLeftGivesNoWay() throws Exception {
        Admission admission = admission(1, 3, 1);
        enter(admission, "a", 1);
        List<Ticket> waiting = List.of(enter(admission, "a", 2), enter(admission, "a", 3), enter(admission, "b", 4));
        waiting.get(0).withdraw();
        waiting.get(1).withdraw();
        Ticket third = enter(admission, "c", 5);
        Ticket fourth = enter(admission, "c", 6);
        assertThat(admission.load().waitingForSlot()).isEqualTo(3);
        Ticket other = enter(admission, "d", 7); // c has two, so one of them gives way
        assertRefused(fourth, Refusal.BUSY, "1 commands are running and 3 are waiting");
        assertThatThrownBy(() -> enter(admission, "c", 8)).isInstanceOf(RefusedException.class);
        other.close();
        third.close();
        assertThat(admission.load().waitingForSlot()).as("that of b").isEqualTo(1);
    }

    /** One who comes late waits for one turn, however many wait, and whatever the others do. */
    @Test
    void aLateUserIsNextButOne() throws Exception {
        for (int users = 1; users <= 5; users++) {
            Admission admission = admission(1, MANY, 1);
            Ticket running = enter(admission, "a", 0);
            List<Ticket> waiting = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                waiting.add(enter(admission, "u" + i % users, i));
            }
            Ticket late = enter(admission, "late", 1);
            granted.clear();
            run(running);
            while (!admission.isGranted(late)) {
                Ticket turn = waiting.stream().filter(admission::isGranted).findFirst().orElseThrow();
                waiting.remove(turn);
                run(turn);
            }
            assertThat(granted).as("%s users", users).hasSize(users + 1);
        }
    }

    @Test
    void aGrantedTicketCannotBeWithdrawn() throws Exception {
        Admission admission = admission(1, 0, 1);
        Ticket ticket = enter(admission, "a", 1);
        ticket.withdraw();
        assertThat(ticket.await(new Cancellation())).isTrue();
    }

    @Test
    void aTicketIsClosedOnce() throws Exception {
        Ticket ticket = enter(admission(1, 0, 1), "a", 1);
        ticket.close();
        assertThatThrownBy(ticket::close).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aUserHasTheirOwnBound() throws Exception {
        Admission admission = admission(1, MANY, 1);
        Ticket running = admission.enter(caller("a", 1), Optional.empty(), OptionalInt.of(2));
        admission.enter(caller("a", 2), Optional.empty(), OptionalInt.of(2));
        assertThatThrownBy(() -> admission.enter(caller("a", 3), Optional.empty(), OptionalInt.of(2)))
                .hasMessage("2 commands of user 'a' are running, which is the most allowed");
        admission.enter(caller("b", 3), Optional.empty(), OptionalInt.of(2));
        run(running);
        admission.enter(caller("a", 3), Optional.empty(), OptionalInt.of(2));
    }

    @Test
    void aNameStandsForOneCommandOfAUser() throws Exception {
        Admission admission = admission(MANY, 0, MANY);
        Ticket ticket = admission.enter(caller("a", 1), Optional.of("web"), OptionalInt.empty());
        assertThatThrownBy(() -> admission.enter(caller("a", 2), Optional.of("web"), OptionalInt.empty()))
                .isInstanceOfSatisfying(RefusedException.class,
                        e -> assertThat(e.reason()).isEqualTo(Refusal.NAME_TAKEN))
                .hasMessage("your command " + ticket.id() + " has the name 'web' and has not ended");
        admission.enter(caller("b", 3), Optional.of("web"), OptionalInt.empty());
        ticket.close();
        admission.enter(caller("a", 2), Optional.of("web"), OptionalInt.empty());
    }

    @Test
    void afterTheStopNobodyEntersAndWhoWaitsMayRun() throws Exception {
        Admission admission = admission(1, MANY, 1);
        Ticket first = enter(admission, "a", 1);
        Ticket waiting = enter(admission, "a", 2);
        admission.refuseNew();
        assertThatThrownBy(() -> enter(admission, "a", 3)).hasMessage("the server is stopping");
        run(first);
        assertThat(admission.isGranted(waiting)).isTrue();
    }

    /** An action that fails must not keep another command from its turn. */
    @Test
    void anActionThatFailsHarmsNobodyElse() throws Exception {
        Admission admission = admission(2, MANY, 1);
        Ticket first = enter(admission, "a", 1);
        Ticket failing = enter(admission, "a", 2);
        failing.whenDecided(() -> {
            throw new IllegalStateException("as it may be");
        });
        first.startIsOver();
        assertThat(admission.isGranted(failing)).isTrue();
    }

    /** Whatever comes in whatever order, the counts are right and nothing is left over. */
    @Test
    void randomSequencesLeaveNothingBehind() throws Exception {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            Admission admission = admission(1 + random.nextInt(4), random.nextInt(6), 1 + random.nextInt(3));
            List<Ticket> open = new ArrayList<>();
            for (int step = 0; step < 300; step++) {
                switch (random.nextInt(6)) {
                    case 0, 1 -> {
                        try {
                            open.add(enter(admission, "u" + random.nextInt(3), random.nextInt(3)));
                        } catch (RefusedException e) {
                            assertThat(e.reason()).isEqualTo(Refusal.BUSY);
                        }
                    }
                    case 2 -> pick(open, random).ifPresent(Ticket::startIsOver);
                    case 3 -> pick(open, random).ifPresent(Ticket::withdraw);
                    case 4 -> {
                        nanos.addAndGet(MAX_WAIT.toNanos() / 4);
                        hang.set(random.nextInt(10) == 0);
                        admission.refuseOverdue();
                    }
                    default -> pick(open, random).ifPresent(ticket -> {
                        open.remove(ticket);
                        ticket.close();
                    });
                }
                Admission.Load load = admission.load();
                assertThat(load.running()).as("seed %s", seed)
                        .isLessThanOrEqualTo(admission.bounds().maxRunning());
                assertThat(load.waitingForSlot()).isLessThanOrEqualTo(admission.bounds().maxWaiting());
            }
            open.forEach(Ticket::close);
            assertThat(admission.load()).as("seed %s", seed).isEqualTo(new Admission.Load(0, 0, 0));
        }
    }

    private static Optional<Ticket> pick(List<Ticket> tickets, Random random) {
        return tickets.isEmpty() ? Optional.empty() : Optional.of(tickets.get(random.nextInt(tickets.size())));
    }
}
