package dev.heddle.run;

import dev.heddle.command.Outcome;
import dev.heddle.command.SignalOutcome;
import dev.heddle.command.Signals;
import dev.heddle.process.ChildProcess;

import java.util.concurrent.atomic.AtomicBoolean;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends one command its signals, and tells the operator what the kernel has refused. Any thread may use it. */
final class CommandSignals {
    private static final Logger LOG = LoggerFactory.getLogger(CommandSignals.class);

    private final String name;
    private final ChildProcess child;
    private final CommandCounts counts;
    private final AtomicBoolean told = new AtomicBoolean(); // once is enough: clients send as many as they like

    /** @param name the command's, as its threads are named */
    CommandSignals(String name, ChildProcess child, CommandCounts counts) {
        this.name = name;
        this.child = child;
        this.counts = counts;
    }

    String name() {
        return name;
    }

    SignalOutcome send(int signal) {
        SignalOutcome outcome = child.signal(signal);
        if (outcome.isRefused()) {
            counts.signalRefused();
            if (told.compareAndSet(false, true)) {
                LOG.warn("{} (process {}): the kernel refused signal {} for {} its processes, which belong to another"
                        + " user", name, child.pid(), signal, outcome == SignalOutcome.REFUSED ? "all" : "some of");
            }
        }
        return outcome;
    }

    /** Asks all processes to end. Those that this does not reach are found out by {@link #kill}. */
    void terminate() {
        child.terminate();
    }

    /** Whether the kernel let all processes be killed. */
    boolean kill() {
        return !send(Signals.KILL).isRefused();
    }

    /** The command's end is about to be told, and it is not that of all its processes. */
    void leaveRunning(Outcome outcome) {
        LOG.warn("{} (process {}): its end is '{}', but processes of it run on: the kernel refused to kill them", name,
                child.pid(), outcome.word());
    }
}
