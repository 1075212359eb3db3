package dev.heddle.client;

import dev.heddle.command.Outcome;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Describes a job as the server knows it.
 *
 * @param outcome      how the job ended; empty while it runs
 * @param argv         the program and its arguments
 * @param started      when it was started, by the server's clock
 * @param ended        when it ended, by the server's clock; empty while it runs
 * @param outputBytes  printed so far on both streams together, which is the cursor of the end
 * @param bytesLeftOut how much of that was not kept
 * @param name         the name that its client gave it
 */
public record JobInfo(String id, Optional<Outcome> outcome, List<String> argv, Instant started,
                      Optional<Instant> ended, long outputBytes, long bytesLeftOut, Optional<String> name) {}
