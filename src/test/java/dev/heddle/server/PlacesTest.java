package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.testing.Await;
import dev.heddle.time.Deadline;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.Test;

class PlacesTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    private final List<String> told = new CopyOnWriteArrayList<>();

    private Places.Guest guest(String name) {
        return new Places.Guest() {
            @Override
            public boolean admit() {
                told.add(name + " admitted");
                return true;
            }

            @Override
            public void refuse() {
                told.add(name + " refused");
            }
        };
    }

    /** Each who waits costs a descriptor. */
    @Test
    void theLineIsBounded() {
        Places places = new Places(1, 2, LONG, 1);
        assertThat(places.tryTake()).isTrue();
        assertThat(places.tryTake()).isFalse();
        assertThat(places.await(guest("a"))).isTrue();
        assertThat(places.await(guest("b"))).isTrue();
        assertThat(places.await(guest("c"))).isFalse();
        assertThat(places.waiting()).isEqualTo(2);
    }

    @Test
    void nobodyOvertakesTheLine() throws Exception {
        Places places = new Places(1, 10, LONG, 1);
        assertThat(places.tryTake()).isTrue();
        assertThat(places.await(guest("a"))).isTrue();
        places.giveBack();
        assertThat(places.tryTake()).as("it is for who waits").isFalse();
        Thread line = Thread.ofVirtual().start(places::serveLine);
        Await.until("it gets the place", () -> told.equals(List.of("a admitted")));
        places.close();
        line.join();
    }

    @Test
    void eachIsRefusedWhenItsOwnTimeIsUp() throws Exception {
        Places places = new Places(1, 10, Duration.ofMillis(20), 1);
        assertThat(places.tryTake()).isTrue();
        Thread line = Thread.ofVirtual().start(places::serveLine);
        assertThat(places.await(guest("a"))).isTrue();
        assertThat(places.await(guest("b"))).isTrue();
        Await.until("both are refused", () -> told.equals(List.of("a refused", "b refused")));
        places.close();
        line.join();
    }

    @Test
    void theEndIsWhenNobodyIsLeftWhoMightTakeAPlace() throws Exception {
        Places places = new Places(1, 10, LONG, 1);
        assertThat(places.tryTake()).isTrue();
        assertThat(places.await(guest("a"))).isTrue();
        Thread line = Thread.ofVirtual().start(places::serveLine);
        places.close();
        line.join();
        assertThat(told).containsExactly("a refused");
        assertThat(places.await(guest("b"))).as("after the close").isFalse();
        assertThat(places.awaitAllFree(Deadline.in(Duration.ZERO))).isFalse();
        places.giveBack();
        assertThat(places.awaitAllFree(Deadline.in(Duration.ZERO))).as("the accept loop").isFalse();
        places.acceptLoopEnded();
        assertThat(places.awaitAllFree(Deadline.in(Duration.ZERO))).isTrue();
    }

    @Test
    void aGuestThatFailsHoldsUpNobody() throws Exception {
        Places places = new Places(2, 10, LONG, 1);
        assertThat(places.tryTake()).isTrue();
        assertThat(places.tryTake()).isTrue();
        assertThat(places.await(new Places.Guest() {
            @Override
            public boolean admit() {
                throw new OutOfMemoryError("not really");
            }

            @Override
            public void refuse() {
                throw new AssertionError("there is a place");
            }
        })).isTrue();
        assertThat(places.await(guest("a"))).isTrue();
        Thread line = Thread.ofVirtual().start(places::serveLine);
        places.giveBack();
        places.giveBack();
        Await.until("the next one gets its place", () -> told.equals(List.of("a admitted")));
        places.close();
        line.join();
    }
}
