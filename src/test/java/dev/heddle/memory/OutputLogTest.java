package dev.heddle.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.command.CommandEnd;
import dev.heddle.testing.Await;
import dev.heddle.time.Cancellation;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever the pieces, streams and limits: what is kept is true, adds up, and costs what it says. */
@Timeout(60)
class OutputLogTest {
    private static final int ROUNDS = 200;
    private static final MemoryBudget ENOUGH = new MemoryBudget(1 << 30);

    private static byte[] bytes(List<ByteBuffer> parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (ByteBuffer part : parts) {
            byte[] copy = new byte[part.remaining()];
            part.duplicate().get(copy);
            all.writeBytes(copy);
        }
        return all.toByteArray();
    }

    private static Page read(OutputLog log, long cursor, int maxBytes, MemoryBudget reader) throws Exception {
        return log.read(cursor, maxBytes, Duration.ZERO, new Cancellation(), reader);
    }

    private static byte[] random(Random random, int length) {
        byte[] piece = new byte[length];
        random.nextBytes(piece);
        return piece;
    }

    @ParameterizedTest
    @CsvSource({"1, 1000000", "2, 1000000", "1000, 1000000", "100000, 1000000", "100000, 5000", "100000, 30000",
        "100000, 0"})
    void everyPieceIsWhatCameAtItsOffset(int maxBytes, int budgetBytes) throws Exception {
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            MemoryBudget budget = new MemoryBudget(budgetBytes);
            MemoryBudget reader = random.nextBoolean() ? ENOUGH : new MemoryBudget(0);
            OutputLog log = OutputLog.keeping(maxBytes, budget);
            ByteArrayOutputStream came = new ByteArrayOutputStream();
            for (int i = random.nextInt(60); i > 0; i--) {
                byte[] piece = random(random, random.nextInt(random.nextBoolean() ? 10 : 20_000));
                came.writeBytes(piece);
                assertThat(log.append(1 + random.nextInt(2), ByteBuffer.wrap(piece))).isEqualTo(came.size());
            }
            assertThat(log.reservedBytes()).isEqualTo(budget.reservedBytes());
            assertThat(readAll(log, came.toByteArray(), random, reader)).as("seed " + seed)
                    .isEqualTo(log.total() - log.bytesLeftOut()).isLessThanOrEqualTo(maxBytes);
            log.finish(CommandEnd.NEVER_STARTED);
            assertThat(log.reservedBytes()).isEqualTo(budget.reservedBytes());
            assertThat(bytes(log.bytes())).hasSize((int) (log.total() - log.bytesLeftOut()));
            log.close();
            log.close();
            assertThat(budget.reservedBytes()).isZero();
            assertThat(reader.reservedBytes()).isZero();
            assertThat(log.bytesLeftOut()).isEqualTo(log.total());
        }
    }

    /** In pages of any size, some of which are still there when others are read; returns how many bytes there were. */
    private static long readAll(OutputLog log, byte[] came, Random random, MemoryBudget reader) throws Exception {
        long read = 0;
        long cursor = 0;
        while (cursor < log.total()) {
            int maxBytes = 1 + random.nextInt(30_000);
            try (Page page = read(log, cursor, maxBytes, reader)) {
                assertThat(page.next()).isGreaterThan(cursor);
                int pageBytes = 0;
                for (Page.Piece piece : page.pieces()) {
                    int offset = (int) piece.offset();
                    assertThat(offset).isGreaterThanOrEqualTo((int) cursor);
                    assertThat(bytes(piece.bytes())).hasSize(piece.length())
                            .isEqualTo(Arrays.copyOfRange(came, offset, offset + piece.length()));
                    cursor = piece.offset() + piece.length();
                    pageBytes += piece.length();
                }
                assertThat(pageBytes).isLessThanOrEqualTo(maxBytes);
                cursor = page.next();
                read += pageBytes;
            }
        }
        return read;
    }

    @ParameterizedTest
    @CsvSource({"1000", "100000", "100001", "1000000"})
    void headAndTailAreAsLongAsTheyMay(int maxBytes) {
        Random random = new Random(maxBytes);
        byte[] all = random(random, 2 * maxBytes + 12_345);
        OutputLog log = OutputLog.keeping(maxBytes, ENOUGH);
        for (int from = 0; from < all.length; ) {
            int n = Math.min(all.length - from, 1 + random.nextInt(70_000));
            log.append(OutputLog.STDOUT, ByteBuffer.wrap(all, from, n));
            from += n;
        }
        int head = maxBytes - maxBytes / 2;
        byte[] kept = bytes(log.bytes());
        assertThat(kept).hasSize(maxBytes);
        assertThat(Arrays.copyOf(kept, head)).isEqualTo(Arrays.copyOf(all, head));
        assertThat(Arrays.copyOfRange(kept, head, maxBytes))
                .isEqualTo(Arrays.copyOfRange(all, all.length - maxBytes / 2, all.length));
        assertThat(log.bytesLeftOut()).isEqualTo(all.length - maxBytes);
        log.close();
        assertThat(ENOUGH.reservedBytes()).isZero();
    }

    /** The last bytes tell most: why a program has failed, say. */
    @ParameterizedTest
    @CsvSource({"3000", "20000", "200000"})
    void theTailIsTheEndOfTheOutputEvenWithoutMemory(int budgetBytes) {
        byte[] all = random(new Random(1), 1_000_000);
        OutputLog log = OutputLog.keeping(2_000_000, new MemoryBudget(budgetBytes));
        for (int from = 0; from < all.length; from += 1000) {
            log.append(OutputLog.STDOUT, ByteBuffer.wrap(all, from, 1000));
        }
        byte[] kept = bytes(log.bytes());
        assertThat(kept.length).isBetween(500, budgetBytes);
        assertThat(Arrays.copyOfRange(kept, kept.length - 500, kept.length))
                .isEqualTo(Arrays.copyOfRange(all, all.length - 500, all.length));
    }

    /** What a page shows stays while it is sent, even if the log needs its memory for something else. */
    @Test
    void aPageStaysAsItIsUntilItIsClosed() throws Exception {
        OutputLog log = OutputLog.keeping(60_000, ENOUGH);
        byte[] first = random(new Random(1), 60_000);
        log.append(OutputLog.STDOUT, ByteBuffer.wrap(first));
        try (Page page = read(log, 0, 60_000, ENOUGH)) {
            for (int i = 0; i < 50; i++) {
                log.append(OutputLog.STDERR, ByteBuffer.wrap(new byte[60_000]));
            }
            log.close();
            OutputLog other = OutputLog.keeping(1_000_000, ENOUGH);
            other.append(OutputLog.STDOUT, ByteBuffer.wrap(new byte[1_000_000]));
            assertThat(page.pieces()).hasSize(1);
            assertThat(bytes(page.pieces().getFirst().bytes())).isEqualTo(first);
            other.close();
        }
        assertThat(ENOUGH.reservedBytes()).isZero();
    }

    @Test
    void aReaderWaitsForOutputAndForTheEnd() throws Exception {
        OutputLog log = OutputLog.keeping(1000, ENOUGH);
        FutureTask<String> seen = new FutureTask<>(() -> {
            String text = "";
            long cursor = 0;
            while (true) {
                try (Page page = log.read(cursor, 1000, Duration.ofDays(1), new Cancellation(), ENOUGH)) {
                    for (Page.Piece piece : page.pieces()) {
                        text += piece.stream() + new String(bytes(piece.bytes()));
                    }
                    cursor = page.next();
                    if (page.end().isPresent()) {
                        return text;
                    }
                }
            }
        });
        Thread reader = Thread.ofPlatform().daemon().start(seen);
        Await.until("it waits", () -> reader.getState() == Thread.State.TIMED_WAITING);
        log.append(OutputLog.STDERR, ByteBuffer.wrap("oh".getBytes()));
        Await.until("it waits again", () -> reader.getState() == Thread.State.TIMED_WAITING);
        log.finish(CommandEnd.NEVER_STARTED);
        assertThat(seen.get()).isEqualTo("2oh");
        assertThatThrownBy(() -> read(log, 3, 1, ENOUGH)).isInstanceOf(IndexOutOfBoundsException.class);
        log.close();
    }

    @Test
    void aPassingLogHandsOutEverythingOnceAndLetsTheWriterWait() throws Exception {
        MemoryBudget budget = new MemoryBudget(1 << 20);
        OutputLog log = OutputLog.passing(budget);
        byte[] all = random(new Random(1), 5_000_000);
        FutureTask<Void> writing = new FutureTask<>(() -> {
            for (int from = 0; from < all.length; ) {
                log.awaitRoom();
                int n = Math.min(Math.min(60_000, log.room()), all.length - from);
                log.append(from % 2 == 0 ? OutputLog.STDOUT : OutputLog.STDERR, ByteBuffer.wrap(all, from, n));
                from += n;
            }
            log.finish(CommandEnd.NEVER_STARTED);
            return null;
        });
        Thread writer = Thread.ofPlatform().daemon().start(writing);
        Await.until("it waits", () -> writer.getState() == Thread.State.WAITING);
        assertThat(budget.reservedBytes()).isLessThan(160_000);
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        boolean ended = false;
        while (!ended) {
            try (Page page = log.read(got.size(), 100_000, Duration.ofDays(1), new Cancellation(), budget)) {
                for (Page.Piece piece : page.pieces()) {
                    assertThat(piece.offset()).isEqualTo(got.size());
                    got.writeBytes(bytes(piece.bytes()));
                }
                assertThat(page.next()).isEqualTo(got.size());
                ended = page.end().isPresent();
            }
        }
        writing.get();
        assertThat(got.toByteArray()).isEqualTo(all);
        assertThat(log.bytesLeftOut()).isZero();
        log.close();
        assertThat(budget.reservedBytes()).isZero();
    }

    @Test
    void withoutMemoryAPassingLogGoesOnInSmallPieces() throws Exception {
        MemoryBudget budget = new MemoryBudget(1000);
        OutputLog log = OutputLog.passing(budget);
        assertThat(log.room()).isEqualTo(4096);
        log.append(OutputLog.STDOUT, ByteBuffer.wrap(new byte[4096]));
        FutureTask<Void> waiting = new FutureTask<>(() -> {
            log.awaitRoom();
            return null;
        });
        Thread writer = Thread.ofPlatform().daemon().start(waiting);
        Await.until("it waits", () -> writer.getState() == Thread.State.WAITING);
        try (Page page = read(log, 0, 10_000, budget)) {
            assertThat(page.next()).isEqualTo(4096);
            assertThat(waiting.isDone()).isFalse();
        }
        waiting.get();
        assertThat(budget.reservedBytes()).isZero();
    }

    /** Its reader has gone: writers must not wait, and nothing is kept. */
    @Test
    void aClosedPassingLogThrowsEverythingAway() throws Exception {
        MemoryBudget budget = new MemoryBudget(1 << 20);
        OutputLog log = OutputLog.passing(budget);
        log.append(OutputLog.STDOUT, ByteBuffer.wrap(new byte[100_000]));
        Page page = read(log, 0, 20_000, budget);
        log.close();
        log.append(OutputLog.STDOUT, ByteBuffer.wrap(new byte[100_000]));
        log.awaitRoom();
        page.close();
        assertThat(budget.reservedBytes()).isZero();
        assertThat(log.total()).isEqualTo(200_000);
    }

    /** A small output must not cost a chunk. */
    @Test
    void whatIsSmallCostsLittle() {
        MemoryBudget budget = new MemoryBudget(1 << 20);
        OutputLog log = OutputLog.keeping(1 << 20, budget);
        assertThat(budget.reservedBytes()).isZero();
        Collections.nCopies(100, "ten bytes\n").forEach(line ->
                log.append(OutputLog.STDOUT, ByteBuffer.wrap(line.getBytes())));
        assertThat(budget.reservedBytes()).isLessThan(1200);
    }
}
