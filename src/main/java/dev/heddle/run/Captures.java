package dev.heddle.run;

import dev.heddle.command.Command;
import dev.heddle.command.CommandEnd;
import dev.heddle.memory.CommandResult;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.memory.OutputLog;
import dev.heddle.process.ChildOutput;

import java.util.Optional;

/** The streams of a command that is answered at its end: the output is kept, and stdin was sent along. */
final class Captures implements CommandStreams {
    private final Command command;
    private final OutputLog stdout;
    private final OutputLog stderr;
    private volatile RunningCommand running; // set before the first byte comes

    Captures(Command command, MemoryBudget budget) {
        this.command = command;
        stdout = OutputLog.keeping(command.output().maxBytes(), budget);
        stderr = OutputLog.keeping(command.output().maxBytes(), budget);
    }

    @Override
    public void started(RunningCommand startedCommand) {
        running = startedCommand;
    }

    @Override
    public ChildOutput.Sink stdout() {
        return sink(stdout, OutputLog.STDOUT);
    }

    @Override
    public ChildOutput.Sink stderr() {
        return sink(stderr, OutputLog.STDERR);
    }

    private ChildOutput.Sink sink(OutputLog log, int stream) {
        return bytes -> {
            int length = bytes.remaining();
            long total = log.append(stream, bytes);
            boolean crosses = total > command.output().maxBytes() && total - length <= command.output().maxBytes();
            if (crosses && command.output().overLimit() == Command.OverLimit.KILL) {
                running.cancel();
            }
        };
    }

    @Override
    public Optional<StdinSource> stdin() {
        return command.stdin().map(StdinSource::of);
    }

    /** What is kept; the captures are not to be used any more. */
    CommandResult finish(CommandEnd end) {
        stdout.finish(end);
        stderr.finish(end);
        return new CommandResult(end, stdout, stderr);
    }

    void discard() {
        stdout.close();
        stderr.close();
    }
}
