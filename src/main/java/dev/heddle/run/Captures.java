package dev.heddle.run;

import dev.heddle.command.Command;
import dev.heddle.command.CommandEnd;
import dev.heddle.process.ChildOutput;

import java.util.Optional;

/** The streams of a command that is answered at its end: the output is kept, and stdin was sent along. */
final class Captures implements CommandStreams {
    private final Optional<byte[]> stdin;
    private final boolean killOverLimit;
    private final Capture stdout;
    private final Capture stderr;
    private volatile RunningCommand running; // set before the first byte comes

    Captures(Command command, MemoryBudget budget) {
        stdin = command.stdin();
        killOverLimit = command.overLimit() == Command.OverLimit.KILL;
        stdout = new Capture(command.maxOutputBytes(), budget, this::overLimit);
        stderr = new Capture(command.maxOutputBytes(), budget, this::overLimit);
    }

    private void overLimit() {
        if (killOverLimit) {
            running.cancel();
        }
    }

    @Override
    public void started(RunningCommand command) {
        running = command;
    }

    @Override
    public ChildOutput.Sink stdout() {
        return stdout;
    }

    @Override
    public ChildOutput.Sink stderr() {
        return stderr;
    }

    @Override
    public Optional<StdinSource> stdin() {
        return stdin.map(StdinSource::of);
    }

    /** What is kept; the captures are not to be used any more. */
    CommandResult finish(CommandEnd end) {
        return new CommandResult(end, stdout.finish(), stderr.finish());
    }

    /** Gives everything back; the captures are not to be used any more. */
    void discard() {
        stdout.discard();
        stderr.discard();
    }
}
