package dev.heddle.process.linux.child;

import dev.heddle.command.SignalOutcome;
import dev.heddle.process.GroupMembers;
import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.ProcessCalls;

import java.util.HashSet;
import java.util.Set;

/**
 * The processes that signals to one child go to: its group, and descendants that have left it, as far as they were
 * found. The child's monitor guards it, and makes sure that the group's number is still its own.
 */
final class ChildTree {
    private final int leader;
    private final Set<ProcessHandle> escaped = new HashSet<>(0);

    ChildTree(int leader) {
        this.leader = leader;
    }

    void add(Descendants found) {
        escaped.addAll(found.outside());
    }

    SignalOutcome signalGroup(int signal) {
        return ProcessCalls.killGroup(leader, signal);
    }

    SignalOutcome signalEscaped(int signal) {
        return escaped.stream().filter(ProcessHandle::isAlive) // and so the number is still its own
                .map(process -> ProcessCalls.kill(process.pid(), signal))
                .reduce(SignalOutcome.NO_PROCESS, SignalOutcome::and);
    }

    boolean anyEscapedAlive() {
        return escaped.stream().anyMatch(ProcessHandle::isAlive);
    }

    /**
     * Whether the leader, a zombie, is surely the only member of its group. Costs two system calls, where a look
     * through procfs takes milliseconds. A signal of 0 always finds the zombie; but the zombie, which has no more use
     * for it, can be given the lowest priority, and {@code getpriority(2)} tells the best priority of a group. If that
     * is better, there are others. A process at nice 19 is overlooked here, and so gets no TERM; the KILL of {@link
     * LinuxChildProcess#close} reaches it like any other.
     */
    boolean leaderIsAlone() {
        return ProcessCalls.lowerPriority(leader) && ProcessCalls.bestPriority(leader) == Abi.LOWEST_PRIORITY;
    }

    /**
     * What became of a signal to the group, for which {@code kill(2)} takes one process that could be signalled as
     * enough. Whether one is known that could not is looked up again if the leader has ended. Needs no lock.
     */
    SignalOutcome outcome(SignalOutcome byKernel, boolean refusedByOne, boolean leaderEnded) {
        if (leaderEnded) {
            return GroupMembers.outcome(leader, byKernel, ProcessCalls::refusesSignals);
        }
        return byKernel == SignalOutcome.SENT && refusedByOne ? SignalOutcome.PARTLY_REFUSED : byKernel;
    }
}
