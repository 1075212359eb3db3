package dev.heddle.process.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The calls on processes. None of them blocks, except {@link #reapBlocking}. */
final class ProcessCalls {
    private static final FunctionDescriptor TWO_INTS = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT);
    private static final FunctionDescriptor LIMIT = FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle KILL = Libc.function("kill", TWO_INTS);
    private static final MethodHandle GETPRIORITY = Libc.function("getpriority", TWO_INTS);
    private static final MethodHandle SETPRIORITY =
            Libc.function("setpriority", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle WAIT4 =
            Libc.function("wait4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
    private static final MethodHandle PIDFD_OPEN = Libc.variadicWithErrno("syscall", 1,
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT));
    private static final MethodHandle WAITID = Libc.variadicWithErrno("syscall", 1,
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
    private static final MethodHandle GETRLIMIT = Libc.function("getrlimit", LIMIT);
    private static final MethodHandle SETRLIMIT = Libc.function("setrlimit", LIMIT);
    private static final MethodHandle SIGNAL =
            Libc.function("signal", FunctionDescriptor.of(ADDRESS, JAVA_INT, ADDRESS));

    private static final MethodHandle PRCTL = Libc.variadicWithErrno("prctl", 1,
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

    private ProcessCalls() {}

    /** Signals every member of the group; the caller makes sure that the number still means this group. */
    static boolean killGroup(int group, int signal) {
        if (group <= 1) {
            throw new IllegalArgumentException("no group of a child: " + group); // -1 would mean everybody
        }
        try {
            return (int) KILL.invokeExact(-group, signal) == 0;
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    static boolean lowerPriority(int pid) {
        try {
            return (int) SETPRIORITY.invokeExact(Abi.PRIO_PROCESS, pid, Abi.LOWEST_PRIORITY) == 0;
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** The best nice value in the group. -1 may be an error as well as a value. */
    static int bestPriority(int group) {
        try {
            return (int) GETPRIORITY.invokeExact(Abi.PRIO_PGRP, group);
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** A descriptor of the process, close-on-exec, or a negative errno. */
    static int openPidfd(int pid, Buffer buffer) {
        try {
            return buffer.result((long) PIDFD_OPEN.invokeExact(buffer.errno, Abi.SYS_PIDFD_OPEN, pid, 0));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /**
     * Looks how a child ended and leaves it a zombie. The system call, unlike the C library's function, fills
     * in a rusage as well, and does so without reaping.
     */
    static int peekExit(int pid, MemorySegment siginfo, MemorySegment rusage, Buffer buffer) {
        try {
            return buffer.result((long) WAITID.invokeExact(buffer.errno, Abi.SYS_WAITID, Abi.P_PID, pid,
                    siginfo, Abi.WEXITED | Abi.WNOWAIT | Abi.WNOHANG, rusage));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** Whether orphaned descendants become children of this process. Uses the buffer. */
    static boolean isSubreaper(Buffer buffer) {
        try {
            buffer.memory.set(JAVA_INT, 0, 0);
            int result = (int) PRCTL.invokeExact(buffer.errno, Abi.PR_GET_CHILD_SUBREAPER, buffer.memory);
            return result == 0 && buffer.memory.get(JAVA_INT, 0) != 0;
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    static void reap(int pid) {
        reap(pid, Abi.WNOHANG);
    }

    static void reapBlocking(int pid) {
        reap(pid, 0);
    }

    private static void reap(int pid, int options) {
        try {
            int ignored = (int) WAIT4.invokeExact(pid, MemorySegment.NULL, options, MemorySegment.NULL);
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** Two longs, soft and hard limit, at the begin of the buffer. */
    static boolean getLimit(int resource, Buffer buffer) {
        try {
            return (int) GETRLIMIT.invokeExact(resource, buffer.memory) == 0;
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    static boolean setLimit(int resource, Buffer buffer) {
        try {
            return (int) SETRLIMIT.invokeExact(resource, buffer.memory) == 0;
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** Gives a signal its default effect in this process. */
    static void resetSignal(int signal) {
        try {
            MemorySegment defaultAction = MemorySegment.NULL; // SIG_DFL is 0
            MemorySegment ignored = (MemorySegment) SIGNAL.invokeExact(signal, defaultAction);
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }
}
