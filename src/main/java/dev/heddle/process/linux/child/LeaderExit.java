package dev.heddle.process.linux.child;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.heddle.command.ResourceUsage;
import dev.heddle.process.ExitStatus;
import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.ProcessCalls;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;

/** How a leader ended, and what it used until then. */
record LeaderExit(ExitStatus status, ResourceUsage usage) {
    /** The exit that something else in this JVM has taken. */
    static final LeaderExit LOST = new LeaderExit(new ExitStatus.Exited(255), ResourceUsage.UNKNOWN);

    /** Looks at the exit of a child and leaves it a zombie. Empty while it runs; {@link #LOST} when it is gone. */
    static Optional<LeaderExit> peek(int pid, Buffer buffer) {
        MemorySegment siginfo = buffer.memory.asSlice(0, Abi.SIGINFO_BYTES).fill((byte) 0);
        MemorySegment rusage = buffer.memory.asSlice(Abi.SIGINFO_BYTES, Abi.RUSAGE_BYTES);
        int result = ProcessCalls.peekExit(pid, siginfo, rusage, buffer);
        if (result < 0 && result != -Abi.EINTR) {
            return Optional.of(LOST);
        }
        if (result < 0 || siginfo.get(JAVA_INT, Abi.SIGINFO_PID_OFFSET) == 0) {
            return Optional.empty();
        }
        int status = siginfo.get(JAVA_INT, Abi.SIGINFO_STATUS_OFFSET);
        return Optional.of(new LeaderExit(siginfo.get(JAVA_INT, Abi.SIGINFO_CODE_OFFSET) == Abi.CLD_EXITED
                ? new ExitStatus.Exited(status) : new ExitStatus.Signaled(status),
                new ResourceUsage(Optional.of(time(rusage, Abi.RUSAGE_USER_OFFSET)),
                        Optional.of(time(rusage, Abi.RUSAGE_SYSTEM_OFFSET)), OptionalLong.empty())));
    }

    private static Duration time(MemorySegment rusage, long offset) {
        return Duration.ofSeconds(rusage.get(JAVA_LONG, offset))
                .plus(rusage.get(JAVA_LONG, offset + Abi.TIMEVAL_MICROS_OFFSET), ChronoUnit.MICROS);
    }
}
