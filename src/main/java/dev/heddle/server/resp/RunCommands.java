package dev.heddle.server.resp;

import dev.heddle.exec.BusyException;
import dev.heddle.exec.Command;
import dev.heddle.exec.CommandResult;
import dev.heddle.exec.CommandRunner;
import dev.heddle.exec.Outcome;
import dev.heddle.process.StartException;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.IntegerReply;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * RUN and SH: the commands that Heddle is for. A command that ran is answered with an array, whatever became of
 * it; an error means that nothing ran.
 */
final class RunCommands {
    private static final RespValue EXITED = BulkString.of("exited");
    private static final RespValue SIGNALED = BulkString.of("signaled");
    private static final RespValue TIMEOUT = BulkString.of("timeout");
    private static final RespValue CANCELLED = BulkString.of("cancelled");

    private final CommandRunner runner;

    RunCommands(CommandRunner runner) {
        this.runner = runner;
    }

    void run(Call call) throws IOException, InterruptedException {
        try {
            answer(call, new RunOptions(call.words(), runner.limits()).run());
        } catch (RunOptions.SyntaxException e) {
            call.error("ERR syntax: " + e.getMessage());
        }
    }

    void sh(Call call) throws IOException, InterruptedException {
        try {
            answer(call, new RunOptions(call.words(), runner.limits()).sh());
        } catch (RunOptions.SyntaxException e) {
            call.error("ERR syntax: " + e.getMessage());
        }
    }

    private void answer(Call call, Command command) throws IOException, InterruptedException {
        try (CommandResult result = runner.run(command, call.cancellation())) {
            call.reply(reply(result));
        } catch (StartException e) {
            call.error(errorCode(e.reason()) + " " + e.getMessage());
        } catch (BusyException e) {
            call.error("BUSY " + e.getMessage());
        }
    }

    private static String errorCode(StartException.Reason reason) {
        return switch (reason) {
            case PROGRAM_NOT_FOUND -> "NOTFOUND";
            case NOT_EXECUTABLE -> "NOTEXEC";
            case BAD_DIRECTORY -> "BADDIR";
            case ARGUMENTS_TOO_LONG -> "TOOBIG";
            case BAD_ARGUMENT -> "ERR";
            case NO_RESOURCES -> "BUSY";
        };
    }

    private static RespValue reply(CommandResult result) {
        RespValue state;
        RespValue code = RespValue.Null.NULL;
        switch (result.outcome()) {
            case Outcome.Exited(int exitCode) -> {
                state = EXITED;
                code = new IntegerReply(exitCode);
            }
            case Outcome.Signaled(int signal) -> {
                state = SIGNALED;
                code = new IntegerReply(signal);
            }
            case Outcome.TimedOut() -> state = TIMEOUT;
            case Outcome.Cancelled() -> state = CANCELLED;
        }
        return new ArrayReply(List.of(state, code, new BulkString(result.stdout().bytes()),
                new BulkString(result.stderr().bytes()), usage(result)));
    }

    private static RespValue usage(CommandResult result) {
        return new ArrayReply(List.of(
                micros(Optional.of(result.wallTime())),
                micros(result.usage().userTime()),
                micros(result.usage().systemTime()),
                result.usage().peakMemoryKib().isPresent()
                        ? new IntegerReply(result.usage().peakMemoryKib().getAsLong()) : RespValue.Null.NULL,
                new IntegerReply(result.stdout().totalBytes()),
                new IntegerReply(result.stderr().totalBytes()),
                new IntegerReply(result.bytesLeftOut())));
    }

    private static RespValue micros(Optional<Duration> time) {
        return time.<RespValue>map(t -> new IntegerReply(t.toNanos() / 1000)).orElse(RespValue.Null.NULL);
    }
}
