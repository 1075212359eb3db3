package dev.heddle.process.jdk;

import dev.heddle.command.ResourceUsage;
import dev.heddle.command.SignalOutcome;
import dev.heddle.command.Signals;
import dev.heddle.command.Stdio;
import dev.heddle.process.ChildInput;
import dev.heddle.process.ChildOutput;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ExitStatus;
import dev.heddle.process.GroupMembers;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A child of the portable engine. Pump threads move the data of its pipes, so that no caller blocks in one. */
final class JdkChildProcess implements ChildProcess {
    private static final int SIGNALED = 128; // what the JDK adds to the number of the signal

    private final Process process;
    private final boolean groupLeader;
    private final PumpedInput stdin;
    private final PumpedOutput stdout;
    private final PumpedOutput stderr; // null when merged into stdout
    private final List<PipePump> all;
    private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
    private final Set<ProcessHandle> escaped = ConcurrentHashMap.newKeySet(); // have left the group; see signal

    JdkChildProcess(Process process, Stdio.Pipes pipes, boolean groupLeader, Executor pumps) {
        this.process = process;
        this.groupLeader = groupLeader;
        stdin = pipes.stdin() ? new PumpedInput(process.getOutputStream()) : null;
        stdout = new PumpedOutput(process.getInputStream());
        stderr = pipes.merged() ? null : new PumpedOutput(process.getErrorStream());
        all = Stream.of(stdin, stdout, stderr).filter(Objects::nonNull).toList();
        Semaphore held = new Semaphore(0);
        all.forEach(pump -> pumps.execute(() -> pump.run(held)));
        pumps.execute(this::awaitExit);
        held.acquireUninterruptibly(all.size()); // for as long as the threads take to start
    }

    /** Runs on a thread of its own: Process.onExit needs one of the common pool, which may be busy. */
    private void awaitExit() {
        boolean interrupted = false;
        while (!exit.isDone()) {
            try {
                exit.complete(status(process.waitFor()));
            } catch (InterruptedException e) {
                interrupted = true; // unexpected; the exit must be reported nevertheless
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static ExitStatus status(int exitValue) {
        return exitValue > SIGNALED && exitValue <= SIGNALED + 64 ? new ExitStatus.Signaled(exitValue - SIGNALED)
                : new ExitStatus.Exited(exitValue);
    }

    @Override
    public long pid() {
        return process.pid();
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
        boolean alive = process.isAlive();
        Map<Boolean, List<ProcessHandle>> descendants = descendants();
        boolean refusedByOne = alive && Stream.concat(Stream.of(process.toHandle()), descendants.get(true).stream())
                .anyMatch(handle -> send(handle, 0) == SignalOutcome.REFUSED);
        SignalOutcome inGroup = signalGroup(signal);
        SignalOutcome outside = SignalOutcome.NO_PROCESS;
        if (signal == Signals.TERM || signal == Signals.KILL) {
            escaped.addAll(descendants.get(false));
            outside = signalEscaped(signal);
        }
        if (!alive) {
            inGroup = GroupMembers.outcome(process.pid(), inGroup,
                    pid -> ProcessGroup.signalOne(pid, 0) == SignalOutcome.REFUSED);
        } else if (refusedByOne && inGroup == SignalOutcome.SENT) {
            inGroup = SignalOutcome.PARTLY_REFUSED; // kill(2) succeeds if one could be signalled
        }
        return inGroup.and(outside);
    }

    @Override
    public void terminate() {
        escaped.addAll(descendants().get(false));
        for (int signal : new int[] {Signals.TERM, ProcessGroup.CONT}) {
            signalGroup(signal);
            signalEscaped(signal);
        }
    }

    /** The descendants, by whether they are in the group; found through their parents, while the leader lives. */
    private Map<Boolean, List<ProcessHandle>> descendants() {
        Stream<ProcessHandle> all = process.isAlive() ? process.descendants() : Stream.empty();
        return all.collect(Collectors.partitioningBy(
                handle -> groupLeader && ProcessGroup.of(handle.pid()) == process.pid()));
    }

    private SignalOutcome signalGroup(int signal) {
        SignalOutcome outcome = groupLeader ? ProcessGroup.signal(process.pid(), signal) : SignalOutcome.NO_PROCESS;
        return outcome == SignalOutcome.NO_PROCESS && process.isAlive()
                ? send(process.toHandle(), signal) : outcome; // setsid(1) has not made the group yet
    }

    private SignalOutcome signalEscaped(int signal) {
        return escaped.stream().map(handle -> send(handle, signal))
                .reduce(SignalOutcome.NO_PROCESS, SignalOutcome::and);
    }

    private static SignalOutcome send(ProcessHandle handle, int signal) {
        return handle.isAlive() ? ProcessGroup.signalOne(handle.pid(), signal) // and so the number is still its own
                : SignalOutcome.NO_PROCESS;
    }

    @Override
    public boolean hasSurvivors() {
        return process.isAlive()
                || groupLeader && ProcessGroup.signal(process.pid(), 0) != SignalOutcome.NO_PROCESS
                        && GroupMembers.anyAlive(process.pid())
                || escaped.stream().anyMatch(ProcessHandle::isAlive);
    }

    @Override
    public ResourceUsage usage() {
        return ResourceUsage.UNKNOWN;
    }

    @Override
    public void closePipes() {
        all.forEach(PipePump::abandon);
    }

    @Override
    public void close() {
        if (hasSurvivors()) {
            signal(Signals.KILL);
        }
        closePipes();
    }
}
