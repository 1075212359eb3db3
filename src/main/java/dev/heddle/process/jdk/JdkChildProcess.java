package dev.heddle.process.jdk;

import dev.heddle.process.ChildInput;
import dev.heddle.process.ChildOutput;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ExitStatus;
import dev.heddle.process.GroupMembers;
import dev.heddle.process.ProcessSpec;
import dev.heddle.process.ResourceUsage;
import dev.heddle.process.Signals;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** A child of the portable engine. Its pipes are moved by pump threads, so that no caller ever blocks in one. */
final class JdkChildProcess implements ChildProcess {
    private static final int SIGNALED = 128; // what the JDK adds to the number of the signal

    private final Process process;
    private final boolean groupLeader;
    private final PumpedInput stdin;
    private final PumpedOutput stdout;
    private final PumpedOutput stderr; // null when merged into stdout
    private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
    private final Set<ProcessHandle> escaped = ConcurrentHashMap.newKeySet(); // left the group; see signal

    JdkChildProcess(Process process, ProcessSpec spec, boolean groupLeader, Executor pumps) {
        this.process = process;
        this.groupLeader = groupLeader;
        stdin = spec.stdin() ? new PumpedInput(process.getOutputStream(), pumps) : null;
        stdout = PumpedOutput.start(process.getInputStream(), pumps);
        stderr = spec.mergeStderr() ? null : PumpedOutput.start(process.getErrorStream(), pumps);
        pumps.execute(this::awaitExit);
    }

    /** On a thread of its own: Process.onExit needs one of the common pool, which others may keep busy. */
    private void awaitExit() {
        boolean interrupted = false;
        while (!exit.isDone()) {
            try {
                exit.complete(status(process.waitFor()));
            } catch (InterruptedException e) {
                interrupted = true; // nobody does that; the exit must be told all the same
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static ExitStatus status(int exitValue) {
        return exitValue > SIGNALED && exitValue <= SIGNALED + 64
                ? new ExitStatus.Signaled(exitValue - SIGNALED)
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
    public boolean signal(int signal) {
        boolean ends = signal == Signals.TERM || signal == Signals.KILL;
        if (ends && process.isAlive()) {
            process.descendants().filter(this::outsideGroup).forEach(escaped::add);
        }
        boolean reached = groupLeader && ProcessGroup.signal(process.pid(), signal);
        if (ends) {
            if (!reached && process.isAlive()) {
                destroy(process.toHandle(), signal); // setsid(1) has not got as far as to make the group
                reached = true;
            }
            escaped.forEach(handle -> destroy(handle, signal));
        }
        return reached;
    }

    /** They are to be found through their parents, and so only as long as the leader lives. */
    private boolean outsideGroup(ProcessHandle descendant) {
        return !groupLeader || ProcessGroup.of(descendant.pid()) != process.pid();
    }

    private static void destroy(ProcessHandle handle, int signal) {
        if (signal == Signals.KILL) {
            handle.destroyForcibly();
        } else {
            handle.destroy();
        }
    }

    @Override
    public boolean hasSurvivors() {
        return groupLeader && ProcessGroup.signal(process.pid(), 0) && GroupMembers.anyAlive(process.pid())
                || escaped.stream().anyMatch(ProcessHandle::isAlive);
    }

    @Override
    public ResourceUsage usage() {
        return ResourceUsage.UNKNOWN;
    }

    @Override
    public void closePipes() {
        if (stdin != null) {
            stdin.abandon();
        }
        stdout.close();
        if (stderr != null) {
            stderr.close();
        }
    }

    @Override
    public void close() {
        if (process.isAlive() || hasSurvivors()) {
            signal(Signals.KILL);
        }
        closePipes();
    }
}
