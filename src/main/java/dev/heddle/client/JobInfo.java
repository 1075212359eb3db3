package dev.heddle.client;

import dev.heddle.command.Outcome;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the server tells of a job.
 *
 * @param outcome      how it ended; empty while it runs
 * @param argv         its program and arguments
 * @param started      by the server's clock, as {@code ended}
 * @param ended        empty while it runs
 * @param outputBytes  printed so far on both streams together, which is the cursor of the end
 * @param bytesLeftOut how much of that was not kept
 */
public record JobInfo(String id, Optional<Outcome> outcome, List<String> argv, Instant started,
                      Optional<Instant> ended, long outputBytes, long bytesLeftOut) {}
