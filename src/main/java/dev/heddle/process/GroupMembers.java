package dev.heddle.process;

import dev.heddle.command.SignalOutcome;

import java.io.File;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

/** Looks for the live members of a process group in procfs: signals also succeed for zombies, which may stay long. */
public final class GroupMembers {
    private static final File PROC = new File("/proc");

    private GroupMembers() {}

    /** Whether a process of the group runs; true without procfs. Reads the state of every process of the host. */
    public static boolean anyAlive(long group) {
        return any(group, member -> true, true); // no procfs: the caller's doubt stands
    }

    /**
     * What became of a signal to a group whose leader has ended. {@code kill(2)} succeeds if one member could be
     * signalled, and a zombie is a member. Reads the state of every process of the host. {@code refuses} tells whether
     * the process with this pid cannot be signalled.
     */
    public static SignalOutcome outcome(long group, SignalOutcome byKernel, LongPredicate refuses) {
        return switch (byKernel) {
            case SENT -> any(group, refuses, false) ? SignalOutcome.PARTLY_REFUSED : byKernel;
            case REFUSED -> anyAlive(group) ? byKernel : SignalOutcome.NO_PROCESS;
            case PARTLY_REFUSED, NO_PROCESS -> byKernel;
        };
    }

    private static boolean any(long group, LongPredicate test, boolean unknown) {
        String[] processes = PROC.list((directory, name) -> Character.isDigit(name.charAt(0)));
        return processes == null ? unknown : Stream.of(processes).mapToLong(Long::parseLong)
                .anyMatch(pid -> ProcessStat.of(pid).filter(stat -> stat.group() == group && stat.isAlive()).isPresent()
                        && test.test(pid));
    }
}
