package dev.heddle.process;

import com.sun.management.UnixOperatingSystemMXBean;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells how many descriptors this process may have open, and how many it has. */
public final class OpenFiles {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final File OPEN = new File("/proc/self/fd");
    private static final Pattern LIMIT = Pattern.compile("(?m)^Max open files\\s+(\\d+)\\s");

    private OpenFiles() {}

    /** The limit RLIMIT_NOFILE, see {@code getrlimit(2)}; empty when there is none or it is unknown. */
    public static OptionalLong limit() {
        try {
            Matcher limit = LIMIT.matcher(Files.readString(LIMITS));
            return limit.find() ? OptionalLong.of(Long.parseLong(limit.group(1))) : OptionalLong.empty();
        } catch (IOException e) { // no Linux: the JVM knows too, at the cost of some hundred classes
            return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                    ? OptionalLong.of(unix.getMaxFileDescriptorCount()) : OptionalLong.empty();
        }
    }

    /** How many descriptors are open now; 0 when that is unknown. */
    public static long count() {
        String[] open = OPEN.list();
        if (open != null) {
            return open.length;
        }
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getOpenFileDescriptorCount() : 0;
    }
}
