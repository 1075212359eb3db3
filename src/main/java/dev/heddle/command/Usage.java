package dev.heddle.command;

import java.time.Duration;

/**
 * What a command used, from the start of the program to the end of its leader.
 *
 * @param stdoutBytes  how many bytes it wrote to stdout, kept or not, as for stderr
 * @param bytesLeftOut how many of all these were not kept; 0 until the keeper of the output has told
 */
public record Usage(Duration wallTime, ResourceUsage resources, long stdoutBytes, long stderrBytes, long bytesLeftOut) {
    public static final Usage NONE = new Usage(Duration.ZERO, ResourceUsage.UNKNOWN, 0, 0, 0);

    public Usage leavingOut(long bytes) {
        return new Usage(wallTime, resources, stdoutBytes, stderrBytes, bytes);
    }
}
