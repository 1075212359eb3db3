package dev.heddle.command;

import java.time.Duration;
import java.util.List;

/** How a command is ended: step by step until its leader has ended. What is left after the last step is killed. */
public record StopPolicy(List<Step> steps) {
    /** Signals the whole containment, and gives the leader time. After TERM comes CONT, for stopped processes. */
    public record Step(int signal, Duration grace) {
        public Step {
            if (signal < 1 || grace.isNegative()) {
                throw new IllegalArgumentException("signal " + signal + ", grace " + grace);
            }
        }
    }

    public StopPolicy {
        steps = List.copyOf(steps);
    }

    /** Asks by TERM, and kills what has not ended within the grace. */
    public static StopPolicy term(Duration grace) {
        return new StopPolicy(List.of(new Step(Signals.TERM, grace)));
    }
}
