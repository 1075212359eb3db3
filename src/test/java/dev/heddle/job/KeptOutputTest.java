package dev.heddle.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.job.JobLog.Chunk;
import dev.heddle.run.MemoryBudget;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever the pieces, streams and limits: what is kept is true, adds up, and costs what it says. */
class KeptOutputTest {
    private static final int ROUNDS = 200;

    @ParameterizedTest
    @CsvSource({"1, 1000000", "2, 1000000", "1000, 1000000", "100000, 1000000", "100000, 5000", "100000, 0"})
    void everyChunkIsWhatCameAtItsOffset(int maxBytes, int budgetBytes) {
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            MemoryBudget budget = new MemoryBudget(budgetBytes);
            KeptOutput kept = new KeptOutput(maxBytes, budget);
            ByteArrayOutputStream came = new ByteArrayOutputStream();
            for (int i = random.nextInt(60); i > 0; i--) {
                byte[] piece = new byte[random.nextInt(random.nextBoolean() ? 10 : 20_000)];
                random.nextBytes(piece);
                came.writeBytes(piece);
                kept.append(1 + random.nextInt(2), ByteBuffer.wrap(piece));
            }
            assertThat(kept.total()).isEqualTo(came.size());
            assertThat(kept.reservedBytes()).isEqualTo(budget.reservedBytes());
            assertThat(readAll(kept, came.toByteArray(), random)).as("seed " + seed)
                    .isEqualTo(kept.total() - kept.bytesLeftOut()).isLessThanOrEqualTo(maxBytes);
            kept.discard();
            assertThat(budget.reservedBytes()).isZero();
            assertThat(kept.bytesLeftOut()).isEqualTo(kept.total());
        }
    }

    /** In pages of any size; returns how many bytes there were. */
    private static long readAll(KeptOutput kept, byte[] came, Random random) {
        long read = 0;
        long cursor = 0;
        while (cursor < kept.total()) {
            int maxBytes = 1 + random.nextInt(30_000);
            int maxChunks = 1 + random.nextInt(50);
            List<Chunk> page = new ArrayList<>();
            long next = kept.copy(cursor, maxBytes, maxChunks, page);
            assertThat(next).isGreaterThan(cursor);
            int pageBytes = 0;
            for (Chunk chunk : page) {
                int offset = (int) chunk.offset();
                assertThat(offset).isGreaterThanOrEqualTo((int) cursor);
                assertThat(chunk.bytes()).isEqualTo(Arrays.copyOfRange(came, offset, offset + chunk.bytes().length));
                cursor = chunk.offset() + chunk.bytes().length;
                pageBytes += chunk.bytes().length;
            }
            assertThat(pageBytes).isLessThanOrEqualTo(maxBytes);
            assertThat(page).hasSizeLessThanOrEqualTo(maxChunks);
            cursor = next;
            read += pageBytes;
        }
        return read;
    }
}
