package dev.heddle.process;

import dev.heddle.command.SignalOutcome;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongPredicate;

/**
 * Looks for the live members of a process group in procfs. The success of a signal does not tell live members from
 * zombies, which stay for as long as the system's init leaves them.
 */
public final class GroupMembers {
    private static final Path PROC = Path.of("/proc");

    private GroupMembers() {}

    /**
     * Whether a process of the group runs. Reads the state of every process of the host: meant for groups that
     * are known to have a member, live or not.
     *
     * @return true on a system without procfs
     */
    public static boolean anyAlive(long group) {
        return any(group, member -> true, true); // no procfs: the caller's doubt stands
    }

    /**
     * What became of a signal to a group whose leader has ended. The kernel reports a signal as sent if one member
     * could be signalled, and a zombie is a member, which belongs to the last user of its process. Reads the state of
     * every process of the host.
     *
     * @param byKernel what {@code kill(2)} has answered
     * @param refuses  whether the process with this pid cannot be signalled
     */
    public static SignalOutcome outcome(long group, SignalOutcome byKernel, LongPredicate refuses) {
        return switch (byKernel) {
            case SENT -> any(group, refuses, false) ? SignalOutcome.PARTLY_REFUSED : byKernel;
            case REFUSED -> anyAlive(group) ? byKernel : SignalOutcome.NO_PROCESS;
            case PARTLY_REFUSED, NO_PROCESS -> byKernel;
        };
    }

    private static boolean any(long group, LongPredicate test, boolean unknown) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                if (ProcessStat.of(pid).filter(stat -> stat.group() == group && stat.isAlive()).isPresent()
                        && test.test(pid)) {
                    return true;
                }
            }
            return false;
        } catch (IOException | DirectoryIteratorException e) {
            return unknown;
        }
    }
}
