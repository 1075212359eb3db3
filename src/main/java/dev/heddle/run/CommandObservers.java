package dev.heddle.run;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.RefusedException;

import java.util.ArrayList;
import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All observers of a runner. One that fails is logged; the others, and the command, go on. */
final class CommandObservers implements CommandObserver {
    private static final Logger LOG = LoggerFactory.getLogger(CommandObservers.class);

    private final List<CommandObserver> observers;

    CommandObservers(List<CommandObserver> observers) {
        this.observers = List.copyOf(observers);
    }

    @Override
    public Ending started(CommandStart start) {
        List<Ending> endings = new ArrayList<>(observers.size());
        for (CommandObserver observer : observers) {
            guard(() -> endings.add(observer.started(start)));
        }
        return end -> endings.forEach(ending -> guard(() -> ending.ended(end)));
    }

    @Override
    public void refused(Caller caller, Command command, RefusedException refusal) {
        observers.forEach(observer -> guard(() -> observer.refused(caller, command, refusal)));
    }

    private static void guard(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | LinkageError e) {
            LOG.error("an observer of commands has failed", e);
        }
    }
}
