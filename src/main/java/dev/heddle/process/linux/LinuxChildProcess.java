package dev.heddle.process.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.heddle.process.ChildInput;
import dev.heddle.process.ChildOutput;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ExitStatus;
import dev.heddle.process.GroupMembers;
import dev.heddle.process.ResourceUsage;
import dev.heddle.process.Signals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A child of the native engine. The poller sees its leader end and looks at the exit without reaping: the
 * zombie keeps the number of the process and of its group, so that signals cannot reach anybody else. {@link
 * #close} reaps; if the leader has not ended by then, because it hangs in the kernel, the poller does so when
 * it has.
 */
final class LinuxChildProcess implements ChildProcess {
    private static final Logger LOG = LoggerFactory.getLogger(LinuxChildProcess.class);
    private static final int EXIT_UNKNOWN = 255;

    private final int pid;
    private final Descriptor pidfd;
    private final Poller poller;
    private final OwnChildren children;
    private final long token;
    private final PipeWriter stdin; // null without a pipe
    private final PipeReader stdout;
    private final PipeReader stderr; // null when merged into stdout
    private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock(); // signals come before the reaping
    private final Set<ProcessHandle> escaped = new HashSet<>(0); // guarded by lock; see signal
    private boolean ended; // guarded by lock; set by the poller: the leader is a zombie
    private boolean closed; // guarded by lock; set by the owner: nobody is interested any more
    private boolean reaped; // by us or by somebody else: guarded by lock; the pid may be a stranger's
    private volatile ResourceUsage usage = ResourceUsage.UNKNOWN; // set by the poller before the exit

    /** Takes the pidfd and our ends of the pipes over, and the place among the children. */
    LinuxChildProcess(int pid, int pidfd, ChildPipes pipes, Poller poller, OwnChildren children) {
        this.pid = pid;
        this.pidfd = new Descriptor(pidfd);
        this.poller = poller;
        this.children = children;
        token = poller.add(events -> lookAtExit());
        int toStdin = pipes.takeOurs(0);
        stdin = toStdin < 0 ? null : new PipeWriter(toStdin, poller);
        stdout = new PipeReader(pipes.takeOurs(1), poller);
        int fromStderr = pipes.takeOurs(2);
        stderr = fromStderr < 0 ? null : new PipeReader(fromStderr, poller);
    }

    /** Lets the poller tell of the leader's end, from now on. */
    void watch(Buffer buffer) throws IOException {
        arm(false, buffer);
    }

    private void arm(boolean known, Buffer buffer) throws IOException {
        int fd = pidfd.enter();
        if (fd >= 0) {
            try {
                poller.arm(fd, token, Abi.EPOLLIN, known, buffer);
            } finally {
                pidfd.leave();
            }
        }
    }

    /** On the poller's thread. What depends on the exit runs here too, and so must not block. */
    private void lookAtExit() {
        ExitStatus status;
        lock.lock();
        try (Buffer buffer = Buffer.borrow()) {
            if (ended) {
                return;
            }
            status = peek(buffer);
            if (status == null) {
                arm(true, buffer); // not yet
                return;
            }
            ended = true;
            if (closed && !reaped) {
                reap();
            }
        } catch (IOException e) {
            throw new IllegalStateException("the end of process " + pid + " cannot be waited for", e);
        } finally {
            lock.unlock();
        }
        stdout.leaderEnded(); // before the owner is woken, who waits for the drains next
        if (stderr != null) {
            stderr.leaderEnded();
        }
        exit.complete(status);
    }

    private ExitStatus peek(Buffer buffer) {
        MemorySegment siginfo = buffer.memory.asSlice(0, Abi.SIGINFO_BYTES).fill((byte) 0);
        MemorySegment rusage = buffer.memory.asSlice(Abi.SIGINFO_BYTES, Abi.RUSAGE_BYTES);
        int result = ProcessCalls.peekExit(pid, siginfo, rusage, buffer);
        if (result < 0 && result != -Abi.EINTR) {
            LOG.error("the exit of process {} is lost (errno {}): something else in this JVM waited for it",
                    pid, -result);
            forget(); // the number may be anybody's by now
            return new ExitStatus.Exited(EXIT_UNKNOWN);
        }
        if (result < 0 || siginfo.get(JAVA_INT, Abi.SIGINFO_PID_OFFSET) == 0) {
            return null;
        }
        usage = new ResourceUsage(Optional.of(time(rusage, Abi.RUSAGE_USER_OFFSET)),
                Optional.of(time(rusage, Abi.RUSAGE_SYSTEM_OFFSET)), OptionalLong.empty());
        int status = siginfo.get(JAVA_INT, Abi.SIGINFO_STATUS_OFFSET);
        return siginfo.get(JAVA_INT, Abi.SIGINFO_CODE_OFFSET) == Abi.CLD_EXITED
                ? new ExitStatus.Exited(status) : new ExitStatus.Signaled(status);
    }

    private static Duration time(MemorySegment rusage, long offset) {
        return Duration.ofSeconds(rusage.get(JAVA_LONG, offset))
                .plus(rusage.get(JAVA_LONG, offset + Abi.TIMEVAL_MICROS_OFFSET), ChronoUnit.MICROS);
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public ChildInput stdin() {
        if (stdin == null) {
            throw new IllegalStateException("started without a stdin pipe");
        }
        return stdin;
    }

    @Override
    public ChildOutput stdout() {
        return stdout;
    }

    @Override
    public ChildOutput stderr() {
        return stderr == null ? ChildOutput.ENDED : stderr;
    }

    @Override
    public CompletableFuture<ExitStatus> exit() {
        return exit;
    }

    @Override
    public boolean signal(int signal) {
        boolean ends = signal == Signals.TERM || signal == Signals.KILL;
        Set<ProcessHandle> outside = ends && !exit.isDone() ? outside() : Set.of();
        lock.lock();
        try {
            if (reaped) {
                return false; // and what was found outside may be the children of a stranger
            }
            escaped.addAll(outside);
            boolean reached = ProcessCalls.killGroup(pid, signal);
            if (ends) {
                escaped.forEach(process -> end(process, signal));
            }
            return reached;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Descendants outside the group can be found only as long as their parents live. Not under the lock, which
     * the poller needs.
     */
    private Set<ProcessHandle> outside() {
        Set<ProcessHandle> outside = new HashSet<>();
        Descendants.addOutside(pid, outside);
        return outside;
    }

    private static void end(ProcessHandle process, int signal) {
        if (signal == Signals.KILL) {
            process.destroyForcibly();
        } else {
            process.destroy();
        }
    }

    /**
     * Asks at the cost of two system calls, because every command asks and a look through procfs takes
     * milliseconds. A signal of 0 always finds the zombie; but the zombie, which has no more use for it, can
     * be given the lowest priority, and {@code getpriority(2)} tells the best priority of a group. If it is
     * better, there are others, and procfs tells whether they are zombies too. What runs at nice 19 is
     * overlooked here, and so gets no TERM; the KILL of {@link #close} reaches it like any other.
     */
    @Override
    public boolean hasSurvivors() {
        lock.lock();
        try {
            if (reaped) {
                return false;
            }
            if (!ended) {
                return true;
            }
            if (escaped.stream().anyMatch(ProcessHandle::isAlive)) {
                return true;
            }
            if (ProcessCalls.lowerPriority(pid) && ProcessCalls.bestPriority(pid) == Abi.LOWEST_PRIORITY) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        return GroupMembers.anyAlive(pid);
    }

    @Override
    public ResourceUsage usage() {
        return usage;
    }

    @Override
    public void closePipes() {
        if (stdin != null) {
            stdin.close();
        }
        stdout.close();
        if (stderr != null) {
            stderr.close();
        }
    }

    /**
     * Kills in any case: it costs one system call, and the number is the group's for the last time. The pipes are
     * closed only then, because a program that lives would take that for the end of its input.
     */
    @Override
    public void close() {
        try {
            signal(Signals.KILL);
        } finally {
            closePipes();
            lock.lock();
            try {
                closed = true;
                if (ended && !reaped) {
                    reap();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** Ends a child whose end nobody would tell of. Blocks until it has ended. */
    void abandon() {
        lock.lock();
        try {
            ProcessCalls.killGroup(pid, Signals.KILL);
            closePipes();
            children.remove(pid);
            ProcessCalls.reapBlocking(pid);
            ended = true;
            closed = true;
            forget();
        } finally {
            lock.unlock();
        }
    }

    private void reap() {
        children.remove(pid);
        ProcessCalls.reap(pid);
        forget();
    }

    private void forget() {
        children.remove(pid);
        reaped = true;
        poller.remove(token);
        pidfd.close();
    }
}
