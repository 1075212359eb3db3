package dev.heddle.process.linux.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.heddle.command.SignalOutcome;

import java.lang.foreign.MemorySegment;

/** Calls on processes. None of them blocks, except {@link #reapBlocking}. */
public final class ProcessCalls {
    private static final long NULL = 0;
    private static final CFunction KILL = Libc.function("kill");
    private static final CFunction GETPRIORITY = Libc.function("getpriority");
    private static final CFunction SETPRIORITY = Libc.function("setpriority");
    private static final CFunction WAIT4 = Libc.function("wait4");
    private static final CFunction SYSCALL = Libc.function("syscall");
    private static final CFunction GETRLIMIT = Libc.function("getrlimit");
    private static final CFunction SETRLIMIT = Libc.function("setrlimit");
    private static final CFunction SIGNAL = Libc.function("signal");
    private static final CFunction PRCTL = Libc.function("prctl");

    private ProcessCalls() {}

    /** Signals every member of the group; the number must still be its own. Refused means for all, zombies too. */
    public static SignalOutcome killGroup(int group, int signal) {
        if (group <= 1) {
            throw new IllegalArgumentException("no group of a child: " + group); // -1 would mean every process
        }
        return send(-group, signal);
    }

    /** Signals one process; the caller makes sure that the number still means it. */
    public static SignalOutcome kill(long pid, int signal) {
        if (pid <= 1) {
            throw new IllegalArgumentException("no descendant of a child: " + pid);
        }
        return send(pid, signal);
    }

    private static SignalOutcome send(long target, int signal) {
        try (Buffer buffer = Buffer.borrow()) {
            return switch (KILL.call(buffer, target, signal, 0, 0)) {
                case 0 -> SignalOutcome.SENT;
                case -Abi.ESRCH -> SignalOutcome.NO_PROCESS;
                default -> SignalOutcome.REFUSED; // security modules have other errnos than EPERM
            };
        }
    }

    /** Whether the kernel refuses to signal the process. */
    public static boolean refusesSignals(long pid) {
        return kill(pid, 0) == SignalOutcome.REFUSED;
    }

    public static boolean lowerPriority(int pid) {
        return SETPRIORITY.callPlain(Abi.PRIO_PROCESS, pid, Abi.LOWEST_PRIORITY) == 0;
    }

    /** The best nice value in the group. -1 may be an error as well as a value. */
    public static int bestPriority(int group) {
        return GETPRIORITY.callPlain(Abi.PRIO_PGRP, group, 0);
    }

    /** Opens a descriptor of the process, close-on-exec. Returns it, or a negative errno. */
    public static int openPidfd(int pid, Buffer buffer) {
        return SYSCALL.call(buffer, Abi.SYS_PIDFD_OPEN, pid, 0, 0);
    }

    /** Looks how a child ended, and leaves it a zombie. Other than the C library's function, this fills in a rusage. */
    public static int peekExit(int pid, MemorySegment siginfo, MemorySegment rusage, Buffer buffer) {
        return SYSCALL.call(buffer, Abi.SYS_WAITID, Abi.P_PID, pid, siginfo.address(),
                Abi.WEXITED | Abi.WNOWAIT | Abi.WNOHANG, rusage.address());
    }

    /** Whether orphaned descendants become children of this process. Uses the buffer. */
    public static boolean isSubreaper(Buffer buffer) {
        buffer.memory.set(JAVA_INT, 0, 0);
        int result = PRCTL.callPlain(Abi.PR_GET_CHILD_SUBREAPER, buffer.memory.address(), 0);
        return result == 0 && buffer.memory.get(JAVA_INT, 0) != 0;
    }

    public static void reap(int pid) {
        WAIT4.callPlain(pid, NULL, Abi.WNOHANG, NULL, 0, 0);
    }

    public static void reapBlocking(int pid) {
        WAIT4.callPlain(pid, NULL, 0, NULL, 0, 0);
    }

    /** Reads a limit: soft and hard, as two longs at the start of the buffer. */
    public static boolean getLimit(int resource, Buffer buffer) {
        return GETRLIMIT.callPlain(resource, buffer.memory.address(), 0) == 0;
    }

    public static boolean setLimit(int resource, Buffer buffer) {
        return SETRLIMIT.callPlain(resource, buffer.memory.address(), 0) == 0;
    }

    /** Gives a signal its default effect in this process. */
    public static void resetSignal(int signal) {
        SIGNAL.callPlain(signal, NULL, 0); // which is SIG_DFL
    }
}
