package dev.heddle.service;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.RefusedException;
import dev.heddle.memory.CommandResult;
import dev.heddle.run.CommandRunner;
import dev.heddle.run.Ticket;
import dev.heddle.time.Cancellation;

import java.util.Optional;

/** A command that runs on the thread of the caller who waits for it, and ends with the wait. */
record DirectRun(CommandRunner runner, Ticket ticket, Caller caller, Command command) implements Pending<HeldResult> {
    @Override
    public String id() {
        return ticket.id();
    }

    @Override
    public void whenReady(Runnable action) {
        ticket.whenDecided(action);
    }

    @Override
    public Optional<HeldResult> await(Cancellation wait) throws RefusedException, InterruptedException {
        CommandResult result = runner.run(ticket, caller, command, wait);
        return Optional.of(new HeldResult(result, result::close));
    }

    @Override
    public void abandon() {
        ticket.close();
        runner.observer().refused(caller, command, RefusedException.cancelled());
    }
}
