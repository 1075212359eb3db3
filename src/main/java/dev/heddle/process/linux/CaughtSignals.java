package dev.heddle.process.linux;

import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.CFunction;
import dev.heddle.process.linux.ffi.Libc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Signals to this process that leave a mark until they are looked for. The JDK starts a thread for each signal that a
 * program handles; at the limit of processes the signal is lost. Only C code can handle one without a thread, and the C
 * library has some: its {@code siginterrupt(3)} is called as the handler, with the signal's number and a pointer that
 * is not null, and so takes SA_RESTART off this signal's action. That is the mark.
 *
 * <p><b>Threading:</b> one thread installs handlers, one looks for marks; they come on any thread.
 */
public final class CaughtSignals {
    private static final CFunction SIGACTION = Libc.function("sigaction");
    private static final CFunction SIGINTERRUPT = Libc.function("siginterrupt");

    private final MemorySegment action = Arena.global().allocate(Abi.SIGACTION_BYTES, 8); // of the looking thread

    private CaughtSignals() {}

    /** Makes it; empty where this is not known to work. */
    public static Optional<CaughtSignals> open() {
        if (!System.getProperty("os.name").equals("Linux") || !(Abi.X86_64 || Abi.AARCH64)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new CaughtSignals());
        } catch (LinkageError | IllegalCallerException e) {
            return Optional.empty(); // another C library, or native access is not allowed
        }
    }

    /** Lets the signal leave a mark from now on, and do nothing else. One that is ignored (nohup) stays ignored. */
    public void watch(int signal) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment wanted = arena.allocate(Abi.SIGACTION_BYTES, 8);
            call(signal, 0, wanted.address());
            if (wanted.get(ValueLayout.JAVA_LONG, Abi.SIGACTION_HANDLER_OFFSET) == Abi.SIG_IGN) {
                return;
            }
            wanted.fill((byte) 0);
            wanted.set(ValueLayout.JAVA_LONG, Abi.SIGACTION_HANDLER_OFFSET, SIGINTERRUPT.address().address());
            wanted.set(ValueLayout.JAVA_INT, Abi.SIGACTION_FLAGS_OFFSET, Abi.SA_RESTART | Abi.SA_SIGINFO);
            call(signal, wanted.address(), 0);
        }
    }

    /** Whether a watched signal has come since the last call; several count as one. Does not block. */
    public boolean hasCome(int signal) {
        call(signal, 0, action.address());
        int flags = action.get(ValueLayout.JAVA_INT, Abi.SIGACTION_FLAGS_OFFSET);
        if (action.get(ValueLayout.JAVA_LONG, Abi.SIGACTION_HANDLER_OFFSET) == Abi.SIG_IGN
                || (flags & Abi.SA_RESTART) != 0) {
            return false;
        }
        mark(signal, flags | Abi.SA_RESTART);
        return true;
    }

    /** Puts the mark back that {@link #hasCome} has just seen. */
    public void comeAgain(int signal) {
        mark(signal, Abi.SA_SIGINFO);
    }

    private void mark(int signal, int flags) {
        action.set(ValueLayout.JAVA_INT, Abi.SIGACTION_FLAGS_OFFSET, flags);
        call(signal, action.address(), 0);
    }

    private static void call(int signal, long wanted, long found) {
        if (SIGACTION.callPlain(signal, wanted, found) != 0) {
            throw new IllegalStateException("sigaction(2) fails for signal " + signal);
        }
    }
}
