package dev.heddle.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.EOFException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever comes in, the readers end it in one of the ways that they promise. Seeded: a failure can be
 * repeated.
 */
@Timeout(60)
class RespFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final RequestLimits LIMITS = new RequestLimits(200, 20, 300, 2000, true);
    private static final ReplyLimits REPLY_LIMITS = new ReplyLimits(200, 300, 4000, 5);
    private static final String[] PIECES = {
        "*", "$", "1", "2", "-1", "0", "\r\n", "\r", "\n", "\"", "'", "\\x4", " ", "PING", "POST",
        "*1\r\n$4\r\nPING\r\n", "*2\r\n$3\r\nRUN\r\n$2\r\nab\r\n", "ECHO \"a b\" 'c'\r\n", "\0",
        "\u00ff", "99999999999999999999", "*3\r\n", "$5\r\n", ":1\r\n", "%1\r\n", "~2\r\n", "|1\r\n",
        "$?\r\n", ";1\r\na\r\n", ";0\r\n", ".\r\n", ">1\r\n", "_\r\n", "#t\r\n", ",1.5\r\n", "(1\r\n",
        "=5\r\ntxt:a\r\n", "!3\r\nERR\r\n", "*?\r\n", "x".repeat(150)
    };

    private enum Ending { VALUE, NOTHING, END_INSIDE, REFUSED }

    private static byte[] input(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i >= 0; i--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        byte[] bytes = Trickle.bytes(text.toString());
        for (int i = random.nextInt(3); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    @Test
    void requestsEndAsPromised() {
        Map<Ending, Integer> endings = new EnumMap<>(Ending.class);
        long[] reserved = new long[1];
        RequestBudget budget = new RequestBudget() {
            @Override
            public boolean reserve(long bytes) {
                reserved[0] += bytes;
                return true;
            }

            @Override
            public void release(long bytes) {
                reserved[0] -= bytes;
            }
        };
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = input(random);
            Trickle in = Trickle.inSteps(bytes, 1 + random.nextInt(20));
            RequestReader reader = new RequestReader(in, LIMITS, budget, BeforeFill.NOTHING);
            Ending ending = Ending.VALUE;
            for (int reads = 0; ending == Ending.VALUE; reads++) {
                assertThat(reads).as("seed %d", seed).isLessThan(bytes.length + 1);
                try (Request request = reader.read()) {
                    ending = request == null ? Ending.NOTHING : Ending.VALUE;
                    assertThat(request == null || !request.words().isEmpty()).as("seed %d", seed).isTrue();
                } catch (ProtocolException e) {
                    ending = Ending.REFUSED;
                } catch (EOFException e) {
                    ending = Ending.END_INSIDE;
                } catch (Exception e) {
                    fail("seed " + seed, e);
                }
                endings.merge(ending, 1, Integer::sum);
            }
        }
        assertThat(reserved[0]).isZero();
        assertThat(endings).hasSize(Ending.values().length)
                .allSatisfy((e, n) -> assertThat(n).isGreaterThan(100));
    }

    @Test
    void repliesEndAsPromised() {
        Map<Ending, Integer> endings = new EnumMap<>(Ending.class);
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = input(random);
            Trickle in = Trickle.inSteps(bytes, 1 + random.nextInt(20));
            ReplyReader reader = new ReplyReader(in, REPLY_LIMITS);
            Ending ending = Ending.VALUE;
            for (int reads = 0; ending == Ending.VALUE; reads++) {
                assertThat(reads).as("seed %d", seed).isLessThan(bytes.length + 1);
                try {
                    assertThat(reader.read()).as("seed %d", seed).isNotNull();
                } catch (ProtocolException e) {
                    ending = Ending.REFUSED;
                } catch (EOFException e) {
                    ending = Ending.END_INSIDE;
                } catch (Exception e) {
                    fail("seed " + seed, e);
                }
                endings.merge(ending, 1, Integer::sum);
            }
        }
        assertThat(endings.keySet()).containsExactly(Ending.VALUE, Ending.END_INSIDE, Ending.REFUSED);
    }
}
