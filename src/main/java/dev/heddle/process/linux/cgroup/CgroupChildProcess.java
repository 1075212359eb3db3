package dev.heddle.process.linux.cgroup;

import dev.heddle.command.ResourceUsage;
import dev.heddle.command.SignalOutcome;
import dev.heddle.command.Signals;
import dev.heddle.process.ChildInput;
import dev.heddle.process.ChildOutput;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ExitStatus;
import dev.heddle.process.linux.ffi.Abi;

import java.util.concurrent.CompletableFuture;

/** A child in a control group of its own: its end is the end of everything that it has started. */
final class CgroupChildProcess implements ChildProcess {
    private final ChildProcess child;
    private final Cgroup group;

    /** Takes both over. */
    CgroupChildProcess(ChildProcess child, Cgroup group) {
        this.child = child;
        this.group = group;
    }

    @Override
    public long pid() {
        return child.pid();
    }

    @Override
    public ChildInput stdin() {
        return child.stdin();
    }

    @Override
    public ChildOutput stdout() {
        return child.stdout();
    }

    @Override
    public ChildOutput stderr() {
        return child.stderr();
    }

    @Override
    public CompletableFuture<ExitStatus> exit() {
        return child.exit();
    }

    /** Sends TERM and KILL to the control group, and other signals to the process group, as a terminal would. */
    @Override
    public SignalOutcome signal(int signal) {
        return switch (signal) {
            case Signals.KILL -> {
                boolean killed = group.kill(); // which asks for no permission
                SignalOutcome outcome = child.signal(signal);
                yield killed && outcome.isRefused() ? SignalOutcome.SENT : outcome;
            }
            case Signals.TERM -> {
                SignalOutcome outcome = group.signal(signal);
                yield isOutside(outcome) ? child.signal(signal) : outcome;
            }
            default -> child.signal(signal);
        };
    }

    @Override
    public void terminate() {
        if (isOutside(group.signal(Signals.TERM, Abi.SIGCONT))) {
            child.terminate();
        }
    }

    /** Whether a signal to the group reached no process because the leader has not entered it yet. */
    private boolean isOutside(SignalOutcome inGroup) {
        return inGroup == SignalOutcome.NO_PROCESS && !child.exit().isDone();
    }

    @Override
    public boolean hasSurvivors() {
        return group.isPopulated();
    }

    @Override
    public ResourceUsage usage() {
        ResourceUsage usage = child.usage();
        return new ResourceUsage(usage.userTime(), usage.systemTime(), group.peakMemoryKib());
    }

    @Override
    public void closePipes() {
        child.closePipes();
    }

    @Override
    public void close() {
        if (group.isPopulated()) {
            group.kill();
        }
        child.close();
        group.remove();
    }
}
