package dev.heddle.process.jdk;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Signals a whole process group, which Java has no call for: {@code kill(2)} with a negative pid. */
final class ProcessGroup {
    private static final MethodHandle KILL = function("kill",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle GETPGID = function("getpgid",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private ProcessGroup() {}

    private static MethodHandle function(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type);
    }

    /**
     * Sends a signal to every member.
     *
     * @param leader the pid of the group's leader; it stays reserved while the group has a member
     * @param signal the signal's number, or 0 to only ask whether there is a member
     * @return false when there is no member, or none that this user may signal
     */
    static boolean signal(long leader, int signal) {
        if (leader <= 1) {
            throw new IllegalArgumentException("no group of a child: " + leader); // -1 would mean everybody
        }
        try {
            return (int) KILL.invokeExact(Math.toIntExact(-leader), signal) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("kill(2) cannot be called", e);
        }
    }

    /** The group of a process, see {@code getpgid(2)}; -1 when it is gone. */
    static long of(long pid) {
        try {
            return (int) GETPGID.invokeExact(Math.toIntExact(pid));
        } catch (Throwable e) {
            throw new IllegalStateException("getpgid(2) cannot be called", e);
        }
    }
}
