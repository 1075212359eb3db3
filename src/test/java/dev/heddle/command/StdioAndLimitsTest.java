package dev.heddle.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.heddle.command.ResourceLimits.Range;
import dev.heddle.command.ResourceLimits.Resource;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bounds of what a command may ask for. */
class StdioAndLimitsTest {
    @ParameterizedTest
    @CsvSource({"0, 24", "80, 0", "-1, 24", "10001, 24", "80, 10001"})
    void aTerminalHasASize(int columns, int rows) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Stdio.Terminal(columns, rows));
    }

    @Test
    void theLargestAndTheSmallestTerminalAreAllowed() {
        assertThat(new Stdio.Terminal(1, 10_000).rows()).isEqualTo(10_000);
    }

    @ParameterizedTest
    @CsvSource({"20, 0, 1, 1, 1", "-21, 0, 1, 1, 1", "0, 512, 1, 1, 1", "0, -1, 1, 1, 1", "0, 0, 0, 1, 1",
            "0, 0, 1, 0, 1", "0, 0, 1, NaN, 1", "0, 0, 1, 1, 0"})
    void limitsOutOfRangeAreNone(int nice, int umask, long memory, double cpus, int pids) {
        assertThatIllegalArgumentException().isThrownBy(() -> limits(nice, umask, memory, cpus, pids));
    }

    @Test
    void limitsInRangeAreKept() {
        assertThat(limits(-20, 0777, 1, 0.5, 1)).isNotEqualTo(ResourceLimits.NONE);
        assertThatIllegalArgumentException().isThrownBy(() -> new Range(2, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Range(-1, 1));
    }

    private static ResourceLimits limits(int nice, int umask, long memory, double cpus, int pids) {
        return new ResourceLimits(Map.of(Resource.NOFILE, new Range(64, Range.UNLIMITED)), OptionalInt.of(nice),
                OptionalInt.of(umask), OptionalLong.of(memory), OptionalDouble.of(cpus), OptionalInt.of(pids));
    }
}
