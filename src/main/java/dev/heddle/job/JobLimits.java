package dev.heddle.job;

import java.time.Duration;

/**
 * What is remembered after the end of jobs and of runs with an ID.
 *
 * @param maxKept  ended jobs and results, at least 0; the one that ended first is dropped first
 * @param idMemory how long an ID is known after its request has been done, at least; zero or more
 */
public record JobLimits(int maxKept, Duration idMemory) {
    public static final JobLimits DEFAULT = new JobLimits(1_000, Duration.ofMinutes(10));

    public JobLimits {
        if (maxKept < 0 || idMemory.isNegative()) {
            throw new IllegalArgumentException("a negative limit of what is kept of jobs and IDs");
        }
    }
}
