package dev.heddle.command;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Limits on what a command may use. Each is optional; {@link #NONE} leaves all of them as the server has them.
 *
 * @param rlimits     of {@code setrlimit(2)}, for the leader and each process that it starts
 * @param nice        -20 to 19
 * @param umask       0 to 0777
 * @param memoryBytes of all processes of the command together; at least 1
 * @param cpus        how many they use at a time, as in 1.5; above 0
 * @param pids        processes and threads together; at least 1
 */
public record ResourceLimits(Map<Resource, Range> rlimits, OptionalInt nice, OptionalInt umask,
                             OptionalLong memoryBytes, OptionalDouble cpus, OptionalInt pids) {
    public static final ResourceLimits NONE = new ResourceLimits(Map.of(), OptionalInt.empty(), OptionalInt.empty(),
            OptionalLong.empty(), OptionalDouble.empty(), OptionalInt.empty());

    /** A resource that {@code setrlimit(2)} limits, by its name there without {@code RLIMIT_}. */
    public enum Resource { CPU, AS, DATA, STACK, CORE, NOFILE, FSIZE, NPROC, MEMLOCK }

    /** What the kernel enforces of one resource, in its own unit, and how far a process may raise that. */
    public record Range(long soft, long hard) {
        /** No limit: {@code RLIM_INFINITY}. */
        public static final long UNLIMITED = Long.MAX_VALUE;

        public Range {
            require(soft >= 0 && soft <= hard, "a soft limit is at least 0, and at most the hard one");
        }
    }

    public ResourceLimits {
        rlimits = Map.copyOf(rlimits);
        require(nice.isEmpty() || nice.getAsInt() >= -20 && nice.getAsInt() <= 19, "a nice value is -20 to 19");
        require(umask.isEmpty() || umask.getAsInt() >= 0 && umask.getAsInt() <= 0777, "a umask is 0 to 777, in octal");
        require(memoryBytes.isEmpty() || memoryBytes.getAsLong() >= 1, "a limit of memory is at least 1 byte");
        require(cpus.isEmpty() || cpus.getAsDouble() > 0 && Double.isFinite(cpus.getAsDouble()),
                "a limit of processors is more than 0");
        require(pids.isEmpty() || pids.getAsInt() >= 1, "a limit of processes is at least 1");
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
