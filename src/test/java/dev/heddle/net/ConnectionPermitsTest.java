package dev.heddle.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.testing.Await;
import dev.heddle.time.Deadline;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.Test;

class ConnectionPermitsTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    private final List<String> told = new CopyOnWriteArrayList<>();

    private ConnectionPermits.Guest guest(String name) {
        return new ConnectionPermits.Guest() {
            @Override
            public boolean admit(ConnectionPermits.Permit permit) {
                told.add(name + " admitted");
                return true;
            }

            @Override
            public void refuse() {
                told.add(name + " refused");
            }
        };
    }

    /** Permits that an accept loop and the line's thread take. */
    private static ConnectionPermits permits(int count, int maxWaiting, Duration wait) {
        ConnectionPermits permits = new ConnectionPermits(count, maxWaiting, wait);
        permits.takerStarts();
        permits.takerStarts();
        return permits;
    }

    private static ConnectionPermits.Permit take(ConnectionPermits permits) {
        return permits.tryTake().orElseThrow();
    }

    /** Each client that waits costs a descriptor. */
    @Test
    void theLineIsBounded() {
        ConnectionPermits permits = permits(1, 2, LONG);
        take(permits);
        assertThat(permits.tryTake()).isEmpty();
        assertThat(permits.await(guest("a"))).isTrue();
        assertThat(permits.await(guest("b"))).isTrue();
        assertThat(permits.await(guest("c"))).isFalse();
        assertThat(permits.waiting()).isEqualTo(2);
    }

    @Test
    void nobodyOvertakesTheLine() throws Exception {
        ConnectionPermits permits = permits(1, 10, LONG);
        ConnectionPermits.Permit taken = take(permits);
        assertThat(permits.await(guest("a"))).isTrue();
        taken.close();
        assertThat(permits.tryTake()).as("it is for the client that waits").isEmpty();
        Thread line = Thread.ofVirtual().start(permits::serveLine);
        Await.until("it gets the permit", () -> told.equals(List.of("a admitted")));
        permits.close();
        line.join();
    }

    @Test
    void eachIsRefusedWhenItsOwnTimeIsUp() throws Exception {
        ConnectionPermits permits = permits(1, 10, Duration.ofMillis(20));
        take(permits);
        Thread line = Thread.ofVirtual().start(permits::serveLine);
        assertThat(permits.await(guest("a"))).isTrue();
        assertThat(permits.await(guest("b"))).isTrue();
        Await.until("both are refused", () -> told.equals(List.of("a refused", "b refused")));
        permits.close();
        line.join();
    }

    @Test
    void theEndIsWhenNoThreadIsLeftThatMightTakeAPermit() throws Exception {
        ConnectionPermits permits = permits(1, 10, LONG);
        ConnectionPermits.Permit taken = take(permits);
        assertThat(permits.await(guest("a"))).isTrue();
        Thread line = Thread.ofVirtual().start(permits::serveLine);
        permits.close();
        line.join();
        assertThat(told).containsExactly("a refused");
        assertThat(permits.await(guest("b"))).as("after the close").isFalse();
        assertThat(permits.awaitAllFree(Deadline.in(Duration.ZERO))).isFalse();
        taken.close();
        assertThat(permits.awaitAllFree(Deadline.in(Duration.ZERO))).as("the accept loop").isFalse();
        permits.takerEnds();
        assertThat(permits.awaitAllFree(Deadline.in(Duration.ZERO))).isTrue();
    }

    @Test
    void aGuestThatFailsHoldsUpNobody() throws Exception {
        ConnectionPermits permits = permits(2, 10, LONG);
        ConnectionPermits.Permit first = take(permits);
        ConnectionPermits.Permit second = take(permits);
        assertThat(permits.await(new ConnectionPermits.Guest() {
            @Override
            public boolean admit(ConnectionPermits.Permit permit) {
                throw new OutOfMemoryError("not really");
            }

            @Override
            public void refuse() {
                throw new AssertionError("there is a permit");
            }
        })).isTrue();
        assertThat(permits.await(guest("a"))).isTrue();
        Thread line = Thread.ofVirtual().start(permits::serveLine);
        first.close();
        second.close();
        Await.until("the next one gets its permit", () -> told.equals(List.of("a admitted")));
        permits.close();
        line.join();
    }
}
