package dev.heddle.client;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a command used.
 *
 * @param wall          from its start to its end
 * @param user          CPU time of its own; empty where the server cannot know it, as the next two
 * @param system        CPU time in the kernel
 * @param peakMemoryKiB the most memory that it and its descendants had
 * @param stdoutBytes   printed on stdout, kept or not
 * @param stderrBytes   the same of stderr
 * @param bytesLeftOut  how much of both was not kept
 */
public record Usage(Duration wall, Optional<Duration> user, Optional<Duration> system, OptionalLong peakMemoryKiB,
                    long stdoutBytes, long stderrBytes, long bytesLeftOut) {}
