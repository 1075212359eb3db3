package dev.heddle.command;

import java.time.Duration;
import java.util.List;

/**
 * How a command is ended that does not end by itself: by one step after the other, until its leader has ended. What is
 * left after the last step is killed.
 *
 * @param steps from the first to the last
 */
public record StopPolicy(List<Step> steps) {
    /**
     * Sends a signal to the whole containment.
     *
     * @param signal its number; after TERM the processes get CONT too, so that stopped ones can act on it
     * @param grace  how long the leader then has to end
     */
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
