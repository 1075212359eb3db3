package dev.heddle.process.linux.child;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.heddle.command.ResourceUsage;
import dev.heddle.command.SignalOutcome;
import dev.heddle.command.Signals;
import dev.heddle.process.ChildInput;
import dev.heddle.process.ChildOutput;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ExitStatus;
import dev.heddle.process.GroupMembers;
import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.ProcessCalls;
import dev.heddle.process.linux.pipe.ChildPipes;
import dev.heddle.process.linux.pipe.Descriptor;
import dev.heddle.process.linux.pipe.PipeReader;
import dev.heddle.process.linux.pipe.PipeWriter;
import dev.heddle.process.linux.pipe.Poller;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;
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
public final class LinuxChildProcess implements ChildProcess {
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
    private final ChildTree tree; // guarded by lock
    private boolean ended; // guarded by lock; set by the poller: the leader is a zombie
    private boolean closed; // guarded by lock; set by the owner: nobody is interested any more
    private boolean reaped; // by us or by somebody else: guarded by lock; the pid may be a stranger's
    private volatile ResourceUsage usage = ResourceUsage.UNKNOWN; // set by the poller before the exit

    /** Takes the pidfd and our ends of the pipes over, and the place among the children. */
    public LinuxChildProcess(int pid, int pidfd, ChildPipes pipes, Poller poller, OwnChildren children) {
        this.pid = pid;
        tree = new ChildTree(pid);
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
    public void watch(Buffer buffer) throws IOException {
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
    public SignalOutcome signal(int signal) {
        Optional<Descendants> found = lookForDescendants();
        boolean refusedByOne = found.isPresent() && found.get().anyInsideRefuses();
        boolean zombie;
        SignalOutcome inside;
        SignalOutcome outside = SignalOutcome.NO_PROCESS;
        lock.lock();
        try (Buffer buffer = Buffer.borrow()) {
            if (reaped) {
                return SignalOutcome.NO_PROCESS; // and what was found may be the children of a stranger
            }
            zombie = ended;
            inside = tree.signalGroup(signal, buffer);
            if (signal == Signals.TERM || signal == Signals.KILL) {
                found.ifPresent(tree::add);
                outside = tree.signalEscaped(signal, buffer);
            }
        } finally {
            lock.unlock();
        }
        return tree.told(inside, refusedByOne, zombie).and(outside);
    }

    @Override
    public void terminate() {
        sendToAll(Signals.TERM, Abi.SIGCONT);
    }

    /** Sends signals, one after the other, to everything that the end of the child is to reach. */
    private void sendToAll(int... signals) {
        Optional<Descendants> found = lookForDescendants();
        lock.lock();
        try (Buffer buffer = Buffer.borrow()) {
            if (!reaped) {
                found.ifPresent(tree::add);
                for (int signal : signals) {
                    tree.signalGroup(signal, buffer);
                    tree.signalEscaped(signal, buffer);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** They can be found only as long as their parents live. Not under the lock, which the poller needs. */
    private Optional<Descendants> lookForDescendants() {
        return exit.isDone() ? Optional.empty() : Optional.of(Descendants.of(pid));
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
            if (tree.anyEscapedAlive()) {
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
            sendToAll(Signals.KILL);
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

    /** Leaves a child whose end nobody would tell of to whoever has killed it, and reaps it. */
    public void abandon() {
        closePipes();
        lock.lock();
        try {
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
