package dev.heddle.process.jdk;

import dev.heddle.command.SignalOutcome;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

import sun.misc.Signal;

/** Signals processes and whole process groups by {@code kill(2)}, which tells why a signal could not be sent. */
final class ProcessGroup {
    /** The number of SIGCONT on this system: Linux and the BSDs differ. */
    static final int CONT = new Signal("CONT").getNumber();

    private static final int ESRCH = 3; // on every Unix
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = CAPTURED.byteOffset(PathElement.groupElement("errno"));
    private static final MethodHandle KILL = function("kill",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT), ERRNO);
    private static final MethodHandle GETPGID = function("getpgid",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private ProcessGroup() {}

    private static MethodHandle function(String name, FunctionDescriptor type, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type, options);
    }

    /** Signals every member, or asks with 0 whether there is one, which reserves the number. Refused means for all. */
    static SignalOutcome signal(long leader, int signal) {
        if (leader <= 1) {
            throw new IllegalArgumentException("no group of a child: " + leader); // -1 would mean every process
        }
        return kill(-leader, signal);
    }

    /** Sends a signal to one process, or asks with 0 whether that is possible. */
    static SignalOutcome signalOne(long pid, int signal) {
        if (pid <= 1) {
            throw new IllegalArgumentException("no descendant of a child: " + pid);
        }
        return kill(pid, signal);
    }

    private static SignalOutcome kill(long target, int signal) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURED);
            if ((int) KILL.invokeExact(state, Math.toIntExact(target), signal) == 0) {
                return SignalOutcome.SENT;
            }
            return state.get(ValueLayout.JAVA_INT, ERRNO_OFFSET) == ESRCH ? SignalOutcome.NO_PROCESS
                    : SignalOutcome.REFUSED; // by EPERM; security modules have others
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
