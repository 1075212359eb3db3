package dev.heddle.command;

import java.time.Duration;

/**
 * What a command used.
 *
 * @param wallTime     from the start of the program to the end of its leader
 * @param resources    CPU time and memory of the command's processes
 * @param stdoutBytes  how many bytes it wrote to stdout, kept or not
 * @param stderrBytes  how many bytes it wrote to stderr, kept or not
 * @param bytesLeftOut how many of these bytes were not kept; 0 until the keeper of the output has told
 */
public record Usage(Duration wallTime, ResourceUsage resources, long stdoutBytes, long stderrBytes, long bytesLeftOut) {
    /** The usage of a command of which no program was started. */
    public static final Usage NONE = new Usage(Duration.ZERO, ResourceUsage.UNKNOWN, 0, 0, 0);

    /** Returns this usage with the number of bytes that were not kept. */
    public Usage leavingOut(long bytes) {
        return new Usage(wallTime, resources, stdoutBytes, stderrBytes, bytes);
    }
}
