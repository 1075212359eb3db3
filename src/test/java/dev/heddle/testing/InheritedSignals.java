package dev.heddle.testing;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The signals that this build was started to ignore, as under nohup: so do all that it starts. */
public final class InheritedSignals {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String IGNORED = "SigIgn:";

    private InheritedSignals() {}

    /** Leaves the test out if it cannot see this signal. */
    public static void assumeNotIgnored(int signal) throws IOException {
        if (Files.exists(STATUS)) {
            String mask = Files.readAllLines(STATUS).stream().filter(line -> line.startsWith(IGNORED)).findFirst()
                    .orElseThrow().substring(IGNORED.length()).strip();
            assumeThat(Long.parseUnsignedLong(mask, 16) >> signal - 1 & 1)
                    .as("signal %d is ignored by this build", signal).isZero();
        }
    }
}
