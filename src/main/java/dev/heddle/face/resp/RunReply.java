package dev.heddle.face.resp;

import dev.heddle.command.CommandEnd;
import dev.heddle.command.Outcome;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.run.CommandResult;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** How the end of a command is put into a reply, for all that tell of it. */
final class RunReply {
    static final RespValue RUNNING = BulkString.of("running");
    private static final BulkString NOTHING = BulkString.of("");

    private RunReply() {}

    static RespValue of(CommandResult result) {
        return of(result.end(), new BulkString(result.stdout().bytes()), new BulkString(result.stderr().bytes()),
                result.bytesLeftOut());
    }

    /** The end of a command whose output went another way. */
    static RespValue of(CommandEnd end, long bytesLeftOut) {
        return of(end, NOTHING, NOTHING, bytesLeftOut);
    }

    /** In place of the end of a command that still runs. */
    static RespValue running() {
        return ArrayReply.of(RUNNING, RespValue.Null.NULL, NOTHING, NOTHING, RespValue.Null.NULL);
    }

    private static RespValue of(CommandEnd end, BulkString stdout, BulkString stderr, long bytesLeftOut) {
        return ArrayReply.of(state(end.outcome()), code(end.outcome()), stdout, stderr, usage(end, bytesLeftOut));
    }

    static RespValue state(Outcome outcome) {
        return BulkString.of(outcome.word());
    }

    /** The exit code or the number of the signal; null where there is neither. */
    static RespValue code(Outcome outcome) {
        OptionalInt number = outcome.number();
        return number.isPresent() ? new IntegerReply(number.getAsInt()) : RespValue.Null.NULL;
    }

    private static RespValue usage(CommandEnd end, long bytesLeftOut) {
        return new ArrayReply(List.of(
                micros(Optional.of(end.wallTime())),
                micros(end.usage().userTime()),
                micros(end.usage().systemTime()),
                end.usage().peakMemoryKib().isPresent()
                        ? new IntegerReply(end.usage().peakMemoryKib().getAsLong()) : RespValue.Null.NULL,
                new IntegerReply(end.stdoutBytes()),
                new IntegerReply(end.stderrBytes()),
                new IntegerReply(bytesLeftOut)));
    }

    private static RespValue micros(Optional<Duration> time) {
        return time.<RespValue>map(t -> new IntegerReply(t.toNanos() / 1000)).orElse(RespValue.Null.NULL);
    }
}
