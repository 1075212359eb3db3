package dev.heddle.process.linux.child;

import dev.heddle.command.SignalOutcome;
import dev.heddle.process.GroupMembers;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.ProcessCalls;

import java.util.HashSet;
import java.util.Set;

/**
 * What the signals to one child go to: its group, and descendants that have left it, as far as they were found. The
 * child's lock guards it, and so makes sure that the group's number is still its own.
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

    SignalOutcome signalGroup(int signal, Buffer buffer) {
        return ProcessCalls.killGroup(leader, signal, buffer);
    }

    SignalOutcome signalEscaped(int signal, Buffer buffer) {
        SignalOutcome outcome = SignalOutcome.NO_PROCESS;
        for (ProcessHandle process : escaped) {
            if (process.isAlive()) { // and so the number is still its own
                outcome = outcome.and(ProcessCalls.kill(process.pid(), signal, buffer));
            }
        }
        return outcome;
    }

    boolean anyEscapedAlive() {
        return escaped.stream().anyMatch(ProcessHandle::isAlive);
    }

    /**
     * What became of a signal to the group. Needs no lock.
     *
     * @param byKernel     what {@code kill(2)} has answered, for which one process that could be signalled is enough
     * @param refusedByOne whether a process is known that could not; asked again if the leader has ended
     */
    SignalOutcome told(SignalOutcome byKernel, boolean refusedByOne, boolean leaderEnded) {
        if (leaderEnded) {
            return GroupMembers.outcome(leader, byKernel, ProcessCalls::refusesSignals);
        }
        return byKernel == SignalOutcome.SENT && refusedByOne ? SignalOutcome.PARTLY_REFUSED : byKernel;
    }
}
