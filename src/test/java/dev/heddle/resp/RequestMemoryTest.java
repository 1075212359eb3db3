package dev.heddle.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.testing.Allocations;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory follows what has arrived, not what is announced, and large requests share a budget. */
class RequestMemoryTest {
    private static final RequestLimits LIMITS = RequestLimits.authenticated(64 << 20);

    /** A budget that shows its state. */
    private static final class Counter implements RequestBudget {
        private final long max;
        private long reserved;
        private long highest;

        Counter(long max) {
            this.max = max;
        }

        @Override
        public boolean reserve(long bytes) {
            assertThat(bytes).isPositive();
            if (reserved + bytes > max) {
                return false;
            }
            reserved += bytes;
            highest = Math.max(highest, reserved);
            return true;
        }

        @Override
        public void release(long bytes) {
            assertThat(bytes).isPositive().isLessThanOrEqualTo(reserved);
            reserved -= bytes;
        }
    }

    private static RequestReader reader(InputStream in, RequestBudget budget) {
        return new RequestReader(in, LIMITS, budget, BeforeFill.NOTHING);
    }

    private static String multibulk(int size) {
        return "*2\r\n$3\r\nRUN\r\n$" + size + "\r\n" + "x".repeat(size) + "\r\n";
    }

    @ParameterizedTest
    @ValueSource(strings = {"*1\r\n$60000000\r\n", "*1000000\r\n", "*1000000\r\n$1\r\nx\r\n",
        "*1\r\n$60000000\r\nabc", "*2\r\n$1\r\nx\r\n$60000000\r\n"})
    void announcementsCostNothing(String announcement) throws Exception {
        RequestReader reader = reader(Trickle.of(announcement), RequestBudget.UNLIMITED);
        long allocated = Allocations.bytesOf(
                () -> assertThatThrownBy(reader::read).isInstanceOf(EOFException.class));
        assertThat(allocated).isLessThan(1 << 20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*1\r\n$1073741824\r\n", "*1000000000\r\n", "*2000001\r\n", "*1\r\n$67108865\r\n",
        "*1\r\n$67108864\r\n"})
    void limitsAreCheckedBeforeMoreIsRead(String announcement) {
        byte[] input = Trickle.bytes(announcement + "x".repeat(100_000));
        Trickle in = Trickle.splitAt(input, announcement.length());
        assertThatThrownBy(reader(in, RequestBudget.UNLIMITED)::read).isInstanceOf(ProtocolException.class);
        assertThat(in.taken()).isEqualTo(announcement.length());
    }

    @Test
    void emptyWordsCountToo() {
        RequestLimits small = new RequestLimits(100, 1 << 20, 1000, 3200, true);
        for (String input : new String[] {"*101\r\n", "*100\r\n$1\r\nx\r\n" + "$0\r\n\r\n".repeat(99)}) {
            RequestReader reader = new RequestReader(Trickle.of(input), small, RequestBudget.UNLIMITED,
                    BeforeFill.NOTHING);
            assertThatThrownBy(reader::read).hasMessage("Protocol error: too big request");
        }
    }

    @Test
    void largeRequestsHoldTheirShareUntilTheyAreClosed() throws IOException {
        Counter budget = new Counter(1 << 20);
        RequestReader reader = reader(Trickle.of(multibulk(300_000) + multibulk(400_000)), budget);
        Request first = reader.read();
        long ofFirst = budget.reserved;
        assertThat(ofFirst).isBetween(300_000L, 300_000L + (128 << 10));
        Request second = reader.read();
        assertThat(budget.reserved).isBetween(700_000L, 700_000L + (256 << 10));
        second.close();
        second.close();
        assertThat(budget.reserved).isEqualTo(ofFirst);
        assertThat(first.words().get(1)).hasSize(300_000);
        first.close();
        assertThat(budget.reserved).isZero();
    }

    @Test
    void smallRequestsNeedNoBudget() throws IOException {
        RequestReader reader = reader(Trickle.of(multibulk(16_000) + "PING\r\n"), new Counter(0));
        assertThat(reader.read().words().get(1)).hasSize(16_000);
        assertThat(reader.read().words()).hasSize(1);
    }

    @Test
    void manySmallWordsAreALargeRequest() throws IOException {
        Counter budget = new Counter(1 << 20);
        String input = "*3000\r\n" + "$0\r\n\r\n".repeat(3000) + "y ".repeat(3000) + "\r\n";
        RequestReader reader = reader(Trickle.of(input), budget);
        Request multibulk = reader.read();
        assertThat(budget.reserved).isGreaterThan(3000 * 32);
        multibulk.close();
        Request inline = reader.read();
        assertThat(budget.reserved).isGreaterThan(3000 * 32);
        inline.close();
        assertThat(budget.reserved).isZero();
    }

    @Test
    void aUsedUpBudgetRefusesAndGetsEverythingBack() {
        Counter budget = new Counter(200_000);
        assertThatThrownBy(reader(Trickle.of(multibulk(300_000)), budget)::read)
                .isInstanceOfSatisfying(RequestRefusedException.class,
                        e -> assertThat(e.errorReply()).startsWith("BUSY "));
        assertThat(budget.highest).isPositive();
        assertThat(budget.reserved).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {100_000, 299_000, 300_021, 300_022})
    void aRequestThatFailsGivesEverythingBack(int cut) {
        Counter budget = new Counter(1 << 20);
        String part = multibulk(300_000).substring(0, cut);
        assertThatThrownBy(reader(Trickle.of(part), budget)::read).isInstanceOf(EOFException.class);
        assertThat(budget.highest).isPositive();
        assertThat(budget.reserved).isZero();
        assertThatThrownBy(reader(Trickle.of(part + "?".repeat(300_024 - cut)), budget)::read)
                .isInstanceOf(ProtocolException.class);
        assertThat(budget.reserved).isZero();
    }

    @Test
    void thePipelinedHotPathAllocatesTheRequestOnly() throws Exception {
        int count = 10_000;
        byte[] pings = Trickle.bytes("*1\r\n$4\r\nPING\r\n".repeat(count));
        RequestReader reader = reader(Trickle.of(pings), RequestBudget.UNLIMITED);
        reader.read();
        long allocated = Allocations.bytesOf(() -> {
            for (int i = 1; i < count; i++) {
                reader.read().close();
            }
        });
        // the word, the array of words, the list, the request: 24 to 32 bytes each; and one larger buffer
        assertThat(allocated / count).isLessThan(150);
    }
}
