package dev.heddle.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.memory.MemoryBudget;

import org.junit.jupiter.api.Test;

/** The credit of one client: never more than is reserved, and all of it given back. */
class InputWindowTest {
    private static final int FIRST = 64 << 10;
    private static final int LEAST = 4 << 10;
    private static final int MOST = 256 << 10;

    @Test
    void isReservedOnceWhenItIsNeeded() {
        MemoryBudget budget = new MemoryBudget(1 << 20);
        InputWindow window = new InputWindow(budget);
        assertThat(budget.reservedBytes()).isZero();
        assertThat(window.open()).isEqualTo(FIRST);
        assertThat(window.open()).isEqualTo(FIRST);
        assertThat(budget.reservedBytes()).isEqualTo(FIRST).isEqualTo(window.bytes());
        window.close();
        window.close();
        assertThat(budget.reservedBytes()).isZero();
    }

    @Test
    void isSmallOrNoneWhereMemoryIsShort() {
        InputWindow small = new InputWindow(new MemoryBudget(FIRST - 1));
        assertThat(small.open()).isEqualTo(LEAST);
        assertThat(small.use(LEAST)).isTrue();
        assertThat(small.use(1)).isFalse();
        InputWindow none = new InputWindow(new MemoryBudget(LEAST - 1));
        assertThat(none.open()).isZero();
        assertThat(none.use(1)).isFalse();
        assertThat(none.use(0)).isTrue();
    }

    @Test
    void creditIsUsedUpToItsEnd() {
        InputWindow window = new InputWindow(new MemoryBudget(1 << 20));
        assertThat(window.use(FIRST + 1)).isFalse();
        assertThat(window.use(FIRST - 1)).isTrue();
        assertThat(window.use(2)).as("all or nothing").isFalse();
        assertThat(window.use(1)).isTrue();
        assertThat(window.use(1)).isFalse();
    }

    @Test
    void creditComesBackInLargePieces() {
        InputWindow window = new InputWindow(new MemoryBudget(FIRST)); // no memory for a larger one
        window.use(FIRST);
        assertThat(window.taken(100, false)).isZero();
        assertThat(window.taken(FIRST / 4 - 101, false)).isZero();
        assertThat(window.taken(1, false)).isEqualTo(FIRST / 4);
        assertThat(window.taken(10, true)).as("nothing else is pending").isEqualTo(10);
        assertThat(window.use(FIRST / 4 + 10)).isTrue();
        assertThat(window.use(1)).isFalse();
    }

    @Test
    void aProgramThatReadsGetsALargerWindowUpToABound() {
        MemoryBudget budget = new MemoryBudget(1 << 20);
        InputWindow window = new InputWindow(budget);
        int credit = window.open();
        for (int i = 0; i < 10; i++) {
            assertThat(window.use(credit)).isTrue();
            credit = window.taken(credit, true);
            assertThat(credit).isEqualTo(window.bytes()).isEqualTo((int) budget.reservedBytes());
        }
        assertThat(window.bytes()).isEqualTo(MOST);
        window.close();
        assertThat(budget.reservedBytes()).isZero();
        assertThat(window.taken(MOST, true)).as("what was on its way").isEqualTo(MOST);
        assertThat(budget.reservedBytes()).isZero();
    }

    /** The client may not know yet that nobody wants its input: that is no fault of its own. */
    @Test
    void whatIsOnItsWayToAClosedWindowIsStillTaken() {
        MemoryBudget budget = new MemoryBudget(1 << 20);
        InputWindow window = new InputWindow(budget);
        window.close();
        assertThat(window.use(FIRST)).isTrue();
        assertThat(window.use(1)).isFalse();
        assertThat(budget.reservedBytes()).isZero();
    }
}
