package dev.heddle.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What procfs tells of a process, see {@code proc_pid_stat(5)}.
 *
 * @param startTime in ticks since the boot: tells it from a later process with this pid
 */
public record ProcessStat(char state, long parent, long group, String startTime) {
    private static final int START_TIME_FIELD = 19; // counted from the state on; the 22nd in the manual

    /** Reads it; empty when there is no such process, or no procfs. */
    public static Optional<ProcessStat> of(long pid) {
        String text;
        try {
            text = new String(Files.readAllBytes(Path.of("/proc", Long.toString(pid), "stat")),
                    StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return Optional.empty(); // ENOENT, or ESRCH when it ended since it was opened
        }
        String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", START_TIME_FIELD + 2);
        return Optional.of(new ProcessStat(fields[0].charAt(0), Long.parseLong(fields[1]),
                Long.parseLong(fields[2]), fields[START_TIME_FIELD]));
    }

    public boolean isZombie() {
        return state == 'Z';
    }

    public boolean isAlive() {
        return state != 'Z' && state != 'X';
    }
}
