package dev.heddle.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.command.RefusedException;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.time.Cancellation;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

/** What is pending for a program: in order, once, and given back. The test's thread is the program, too. */
class PendingInputTest {
    private static final int MOST_BY_OFFSET = 64 << 10;

    private final MemoryBudget budget = new MemoryBudget(1 << 20);
    private final PendingInput input = new PendingInput(budget);
    private final List<String> told = new ArrayList<>();

    private final class Creditor implements PendingInput.Creditor {
        private final String name;

        Creditor(String name) {
            this.name = name;
        }

        @Override
        public void taken(int bytes, boolean isAll) {
            told.add(name + " " + bytes + (isAll ? " all" : ""));
        }

        @Override
        public void refused() {
            told.add(name + " refused");
        }
    }

    private final Creditor one = new Creditor("one");
    private final Creditor two = new Creditor("two");

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private long write(long offset, byte[] bytes) throws Exception {
        return input.write(offset, bytes, Duration.ZERO, new Cancellation());
    }

    /** The next piece; null at the end. There must be one, or the end. */
    private String next() throws Exception {
        ByteBuffer piece = input.next();
        return piece == null ? null : StandardCharsets.US_ASCII.decode(piece).toString();
    }

    @Test
    void writesByOffsetMayBeSentAgain() throws Exception {
        assertThat(write(0, bytes("hello "))).isEqualTo(6);
        assertThat(write(0, bytes("hello "))).isEqualTo(6);
        assertThat(write(3, bytes("lo world"))).isEqualTo(11);
        assertThatThrownBy(() -> write(12, bytes("x"))).isInstanceOf(RefusedException.class)
                .hasMessage("stdin has been written up to 11 only");
        assertThat(next() + next()).isEqualTo("hello world");
        input.end();
        assertThat(next()).isNull();
        assertThat(input.isComplete()).isTrue();
        assertThat(budget.reservedBytes()).isZero();
        assertThat(write(3, bytes("lo"))).as("known").isEqualTo(11);
        assertThatThrownBy(() -> write(11, bytes("x"))).hasMessage("stdin has been ended at 11");
    }

    @Test
    void aWriteIsTakenAsFarAsThereIsRoom() throws Exception {
        byte[] much = new byte[MOST_BY_OFFSET + 1000];
        assertThat(write(0, much)).isEqualTo(MOST_BY_OFFSET);
        assertThat(write(0, much)).as("again").isEqualTo(MOST_BY_OFFSET);
        Cancellation cancelled = new Cancellation();
        cancelled.cancel();
        assertThat(input.write(0, much, Duration.ofDays(1), cancelled)).isEqualTo(MOST_BY_OFFSET);
        assertThat(next()).hasSize(MOST_BY_OFFSET);
        assertThat(write(0, much)).as("on its way").isEqualTo(MOST_BY_OFFSET);
        input.end();
        assertThat(next()).isNull();
        assertThat(budget.reservedBytes()).isZero();
    }

    @Test
    void aWriteIsNotTakenWithoutMemory() throws Exception {
        assertThat(budget.tryReserve((1 << 20) - 100)).isTrue();
        assertThat(write(0, new byte[50])).isEqualTo(50);
        assertThat(write(50, new byte[60])).isEqualTo(50);
    }

    @Test
    void creditorsAreToldWhenTheProgramHasTheirBytes() throws Exception {
        assertThat(input.add(one)).isTrue();
        assertThat(input.add(two)).isTrue();
        input.put(bytes("abc"), one);
        input.put(bytes("de"), two);
        input.put(bytes(""), two);
        assertThat(next()).isEqualTo("abc");
        assertThat(told).as("it is on its way").isEmpty();
        assertThat(next()).isEqualTo("de");
        assertThat(told).containsExactly("one 3");
        input.put(bytes("f"), one);
        assertThat(next()).isEqualTo("f");
        input.put(bytes("g"), one);
        assertThat(next()).isEqualTo("g");
        assertThat(told).containsExactly("one 3", "two 2", "one 1");
        assertThat(budget.reservedBytes()).as("within their credit").isZero();
    }

    @Test
    void theLastPieceIsAll() throws Exception {
        input.add(one);
        input.put(bytes("abc"), one);
        next();
        Thread.currentThread().interrupt(); // there is nothing more: do not wait for it
        assertThatThrownBy(input::next).isInstanceOf(InterruptedException.class);
        assertThat(told).containsExactly("one 3 all");
    }

    @Test
    void nothingIsToldAfterTheEnd() throws Exception {
        input.add(one);
        input.put(bytes("abc"), one);
        input.end();
        assertThat(input.isComplete()).isTrue();
        assertThat(next()).isEqualTo("abc");
        assertThat(next()).isNull();
        assertThat(told).isEmpty();
        input.put(bytes("late"), one);
        assertThat(next()).isNull();
    }

    @Test
    void whatACreditorLeavesBehindIsForTheProgram() throws Exception {
        input.add(one);
        input.add(two);
        input.put(bytes("a"), one);
        input.put(bytes("bb"), two);
        input.put(bytes("ccc"), one);
        assertThat(next()).isEqualTo("a");
        input.remove(one);
        assertThat(budget.reservedBytes()).as("what is under way, too").isEqualTo(4);
        assertThat(next() + next()).isEqualTo("bbccc");
        assertThat(budget.reservedBytes()).isEqualTo(3);
        input.end();
        assertThat(next()).isNull();
        assertThat(budget.reservedBytes()).isZero();
        assertThat(told).containsExactly("two 2");
    }

    @Test
    void whatIsLeftBehindIsTakenWithoutMemoryToo() throws Exception {
        input.add(one);
        input.put(bytes("abc"), one);
        assertThat(budget.tryReserve(1 << 20)).isTrue();
        input.remove(one);
        assertThat(next()).isEqualTo("abc");
        input.end();
        assertThat(next()).isNull();
        assertThat(budget.reservedBytes()).isEqualTo(1 << 20);
    }

    @Test
    void aProgramThatClosesItsStdinRefusesAll() throws Exception {
        input.add(one);
        input.add(two);
        input.put(bytes("a"), one);
        write(1, bytes("bb"));
        next();
        input.refused();
        assertThat(told).containsExactly("one refused", "two refused");
        assertThat(budget.reservedBytes()).isZero();
        assertThat(input.isComplete()).isFalse();
        assertThat(input.add(new Creditor("late"))).isFalse();
        input.put(bytes("late"), one);
        assertThat(next()).isNull();
        assertThatThrownBy(() -> write(3, bytes("x"))).hasMessage("the program has closed its stdin");
    }

    @Test
    void theCommandsEndGivesAllBack() throws Exception {
        input.add(one);
        input.put(bytes("a"), one);
        write(1, bytes("bb"));
        input.remove(one);
        next();
        input.close();
        assertThat(budget.reservedBytes()).isZero();
        assertThat(next()).isNull();
        input.remove(one);
        input.close();
        assertThat(budget.reservedBytes()).isZero();
        assertThat(told).isEmpty();
    }

    /** Whatever comes in whatever order: each byte once and in order, and all memory given back. */
    @Test
    void randomSequencesLoseNothing() throws Exception {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            MemoryBudget own = new MemoryBudget(10_000);
            PendingInput pending = new PendingInput(own);
            List<Creditor> creditors = new ArrayList<>();
            StringBuilder written = new StringBuilder();
            StringBuilder read = new StringBuilder();
            for (int step = 0; step < 200; step++) {
                String piece = Character.toString('a' + random.nextInt(26)).repeat(1 + random.nextInt(100));
                switch (random.nextInt(5)) {
                    case 0 -> {
                        creditors.add(new Creditor("c" + step));
                        pending.add(creditors.getLast());
                    }
                    case 1 -> {
                        if (!creditors.isEmpty()) {
                            pending.put(bytes(piece), creditors.get(random.nextInt(creditors.size())));
                            written.append(piece);
                        }
                    }
                    case 2 -> {
                        if (!creditors.isEmpty()) {
                            pending.remove(creditors.remove(random.nextInt(creditors.size())));
                        }
                    }
                    case 3 -> {
                        long now = pending.write(written.length(), bytes(piece), Duration.ZERO, new Cancellation());
                        written.append(piece, 0, (int) (now - written.length()));
                    }
                    default -> {
                        if (read.length() < written.length()) {
                            read.append(StandardCharsets.US_ASCII.decode(pending.next()));
                        }
                    }
                }
            }
            pending.end();
            for (ByteBuffer next = pending.next(); next != null; next = pending.next()) {
                read.append(StandardCharsets.US_ASCII.decode(next));
            }
            assertThat(read.toString()).as("seed %s", seed).isEqualTo(written.toString());
            assertThat(own.reservedBytes()).as("seed %s", seed).isZero();
        }
    }
}
