package dev.heddle.process.linux.child;

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
import dev.heddle.process.linux.pipe.ChildStreams;
import dev.heddle.process.linux.pipe.Descriptor;
import dev.heddle.process.linux.pipe.Poller;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A child of the native engine. The poller sees its leader end and looks at the exit without reaping it: the zombie
 * keeps the number of the process and of its group, so that signals cannot reach a stranger. {@link #close} reaps; if
 * the leader has not ended by then, because it hangs in the kernel, the poller reaps it when it has.
 *
 * <p><b>Threading:</b> the monitor orders signals before the reaping, and is never held for long. The poller's thread
 * looks at the exit; any thread may call the rest.
 */
public final class LinuxChildProcess implements ChildProcess {
    private static final Logger LOG = LoggerFactory.getLogger(LinuxChildProcess.class);

    /**
     * What is known of the leader. A zombie keeps its number; one that is left runs after its owner has closed it; the
     * number of one that is reaped, here or by something else in the JVM, may be a stranger's.
     *
     * <pre>
     * RUNNING -- ends --> ZOMBIE -- is closed --> REAPED
     *    '-- is closed --> LEFT -- ends ------------^
     * </pre>
     */
    private enum State { RUNNING, ZOMBIE, LEFT, REAPED }

    private final int pid;
    private final OwnChildren children;
    private final Descriptor pidfd;
    private final ChildStreams streams;
    private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
    private final ChildTree tree; // guarded by this
    private State state = State.RUNNING; // guarded by this
    private volatile ResourceUsage usage = ResourceUsage.UNKNOWN; // the poller writes it before the exit

    /** Takes over the pidfd, the server's ends of the pipes, and the place among the children. */
    public LinuxChildProcess(int pid, int pidfd, ChildPipes pipes, Poller poller, OwnChildren children) {
        this.pid = pid;
        tree = new ChildTree(pid);
        this.children = children;
        this.pidfd = new Descriptor(pidfd, poller, events -> lookAtExit());
        streams = pipes.connect(poller);
    }

    /** Lets the poller watch for the leader's end, from now on. */
    public void watch(Buffer buffer) throws IOException {
        pidfd.arm(Abi.EPOLLIN, false, buffer);
    }

    /** On the poller's thread; all that depends on the exit runs here too, and must not block. */
    private void lookAtExit() {
        seenExit().ifPresent(seen -> {
            usage = seen.usage();
            streams.leaderEnded(); // before the owner is woken, who waits for the drains next
            exit.complete(seen.status());
        });
    }

    private synchronized Optional<LeaderExit> seenExit() {
        try (Buffer buffer = Buffer.borrow()) {
            if (state != State.RUNNING && state != State.LEFT) {
                return Optional.empty();
            }
            Optional<LeaderExit> seen = LeaderExit.peek(pid, buffer);
            if (seen.isEmpty()) {
                pidfd.arm(Abi.EPOLLIN, true, buffer); // not yet
            } else if (seen.get() == LeaderExit.LOST) {
                LOG.error("the exit of process {} is lost: something else in this JVM waited for it", pid);
                children.remove(pid);
                forget();
            } else if (state == State.LEFT) {
                reap();
            } else {
                state = State.ZOMBIE;
            }
            return seen;
        } catch (IOException e) {
            throw new IllegalStateException("the end of process " + pid + " cannot be waited for", e);
        }
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public ChildInput stdin() {
        if (streams.stdin() == null) {
            throw new IllegalStateException("started without a stdin pipe");
        }
        return streams.stdin();
    }

    @Override
    public ChildOutput stdout() {
        return streams.stdout();
    }

    @Override
    public ChildOutput stderr() {
        return streams.stderr();
    }

    @Override
    public CompletableFuture<ExitStatus> exit() {
        return exit;
    }

    @Override
    public SignalOutcome signal(int signal) {
        Optional<Descendants> found = lookForDescendants();
        boolean refusedByOne = found.filter(Descendants::anyInsideRefuses).isPresent();
        boolean zombie;
        SignalOutcome inside;
        SignalOutcome outside = SignalOutcome.NO_PROCESS;
        synchronized (this) {
            if (state == State.REAPED) {
                return SignalOutcome.NO_PROCESS; // and what was found may be the children of a stranger
            }
            zombie = state == State.ZOMBIE;
            inside = tree.signalGroup(signal);
            if (signal == Signals.TERM || signal == Signals.KILL) {
                found.ifPresent(tree::add);
                outside = tree.signalEscaped(signal);
            }
        }
        return tree.outcome(inside, refusedByOne, zombie).and(outside);
    }

    @Override
    public void terminate() {
        sendToAll(Signals.TERM, Abi.SIGCONT);
    }

    /** Sends signals, one after the other, to everything that the end of the child is to reach. */
    private void sendToAll(int... signals) {
        Optional<Descendants> found = lookForDescendants();
        synchronized (this) {
            if (state != State.REAPED) {
                found.ifPresent(tree::add);
                for (int signal : signals) {
                    tree.signalGroup(signal);
                    tree.signalEscaped(signal);
                }
            }
        }
    }

    /** Looks while they can be found: as long as their parents live. Not under the monitor: the poller needs it. */
    private Optional<Descendants> lookForDescendants() {
        return exit.isDone() ? Optional.empty() : Optional.of(Descendants.of(pid));
    }

    /** Reads procfs only if {@link ChildTree#leaderIsAlone} cannot tell, because every command asks. */
    @Override
    public boolean hasSurvivors() {
        synchronized (this) {
            if (state != State.ZOMBIE || tree.anyEscapedAlive()) {
                return state != State.REAPED;
            }
            if (tree.leaderIsAlone()) {
                return false;
            }
        }
        return GroupMembers.anyAlive(pid);
    }

    @Override
    public ResourceUsage usage() {
        return usage;
    }

    @Override
    public void closePipes() {
        streams.close();
    }

    /** Kills in any case, and only then closes the pipes: a program that lives would see the end of its input. */
    @Override
    public void close() {
        try {
            sendToAll(Signals.KILL);
        } finally {
            closePipes();
            synchronized (this) {
                switch (state) {
                    case RUNNING -> state = State.LEFT;
                    case ZOMBIE -> reap();
                    case LEFT, REAPED -> { /* closed already */ }
                }
            }
        }
    }

    /** Gives up a child that cannot be watched; the caller has killed it, and reaps it. */
    public synchronized void abandon() {
        closePipes();
        forget();
    }

    private void reap() {
        children.remove(pid); // before its number may be another child's
        ProcessCalls.reap(pid);
        forget();
    }

    private void forget() {
        state = State.REAPED;
        pidfd.close();
    }
}
