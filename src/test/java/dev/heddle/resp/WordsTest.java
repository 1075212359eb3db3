package dev.heddle.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Long words come in pieces of the budget's pool, and each piece goes back there once. */
class WordsTest {
    private static final int CHUNK = 1000;

    private final List<byte[]> made = new ArrayList<>();
    private final List<byte[]> back = new ArrayList<>();

    private final RequestBudget pool = new RequestBudget() {
        @Override
        public boolean reserve(long bytes) {
            return true;
        }

        @Override
        public void release(long bytes) {
            // not counted here
        }

        @Override
        public int chunkBytes() {
            return CHUNK;
        }

        @Override
        public byte[] takeChunk() {
            made.add(new byte[CHUNK]);
            return made.getLast();
        }

        @Override
        public void giveBack(byte[] piece) {
            assertThat(back).noneMatch(other -> other == piece);
            back.add(piece);
        }
    };

    private static byte[] word(int length) {
        byte[] word = new byte[length];
        new Random(length).nextBytes(word);
        return word;
    }

    private Request read(byte[] word, int cut) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        RespWriter writer = new RespWriter(out);
        writer.writeRequest(List.of("RUN".getBytes(), word, "last".getBytes()));
        writer.flush();
        byte[] sent = Arrays.copyOf(out.toByteArray(), out.size() - cut);
        return new RequestReader(new ByteArrayInputStream(sent), RequestLimits.authenticated(1 << 20), pool,
                BeforeFill.NOTHING).read();
    }

    private static byte[] joined(List<byte[]> pieces) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        pieces.forEach(all::writeBytes);
        return all.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {65_537, 66_000, 200_001})
    void whoWantsAnArrayGetsOne(int length) throws Exception {
        Request request = read(word(length), 0);
        assertThat(made).isNotEmpty();
        assertThat(request.words().get(1)).isEqualTo(word(length));
        assertThat(back).containsAll(made);
        assertThat(request.words().get(1)).isEqualTo(word(length));
        assertThat(request.words().get(2)).isEqualTo("last".getBytes());
        request.close();
    }

    @Test
    void whatIsTakenBelongsToTheTaker() throws Exception {
        Request request = read(word(200_001), 0);
        byte[][] pieces = Words.take(request.words(), 1);
        assertThat(joined(List.of(pieces))).isEqualTo(word(200_001));
        assertThat(joined(Words.inPieces(request.words()))).hasSize("RUN".length() + 4 + 200_001 + "last".length());
        assertThatThrownBy(() -> request.words().get(1)).isInstanceOf(IllegalStateException.class);
        request.close();
        assertThat(back).isEmpty();
        assertThat(request.words()).isEmpty();
    }

    @Test
    void whatNobodyWantsGoesBack() throws Exception {
        read(word(200_001), 0).close();
        assertThat(back).containsAll(made).hasSize(made.size() + 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {30, 100_000})
    void whatIsCutOffGoesBack(int cut) {
        assertThatThrownBy(() -> read(word(200_001), cut)).isInstanceOf(EOFException.class);
        assertThat(made).isNotEmpty();
        assertThat(back).containsAll(made);
    }

    @Test
    void shortWordsAreArrays() throws Exception {
        Request request = read(word(65_536), 0);
        assertThat(made).isEmpty();
        assertThat(Words.take(request.words(), 1)).hasDimensions(1, 65_536);
        assertThat(Words.inPieces(request.words())).hasSize(3);
    }
}
