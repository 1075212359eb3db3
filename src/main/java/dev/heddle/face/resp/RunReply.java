package dev.heddle.face.resp;

import dev.heddle.command.CommandEnd;
import dev.heddle.command.Outcome;
import dev.heddle.command.Usage;
import dev.heddle.memory.CommandResult;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkPieces;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.IntegerReply;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Puts the end of a command into a reply, for all verbs that tell of it. */
final class RunReply {
    private static final RespValue RUNNING = BulkString.of("running");
    private static final BulkString NOTHING = BulkString.of("");

    private RunReply() {}

    static RespValue of(CommandResult result) {
        return of(result.outcome(), new BulkPieces(result.stdout().bytes()),
                new BulkPieces(result.stderr().bytes()), result.end().usage().leavingOut(result.bytesLeftOut()));
    }

    /** The end of a command whose output went another way. */
    static RespValue of(CommandEnd end, long bytesLeftOut) {
        return of(end.outcome(), NOTHING, NOTHING, end.usage().leavingOut(bytesLeftOut));
    }

    /** In place of the end of a command that still runs. */
    static RespValue running() {
        return ArrayReply.of(RUNNING, RespValue.Null.NULL, NOTHING, NOTHING, RespValue.Null.NULL);
    }

    private static RespValue of(Outcome outcome, RespValue stdout, RespValue stderr, Usage usage) {
        return ArrayReply.of(BulkString.of(outcome.word()), code(outcome), stdout, stderr, usage(usage));
    }

    /** How a command has ended, or that it runs. */
    static RespValue state(Optional<CommandEnd> end) {
        return end.<RespValue>map(known -> BulkString.of(known.outcome().word())).orElse(RUNNING);
    }

    static RespValue code(Optional<CommandEnd> end) {
        return end.map(known -> code(known.outcome())).orElse(RespValue.Null.NULL);
    }

    /** The exit code or the number of the signal; null where there is neither. */
    private static RespValue code(Outcome outcome) {
        OptionalInt number = outcome.number();
        return number.isPresent() ? new IntegerReply(number.getAsInt()) : RespValue.Null.NULL;
    }

    private static RespValue usage(Usage usage) {
        OptionalLong peakMemoryKib = usage.resources().peakMemoryKib();
        return ArrayReply.of(micros(Optional.of(usage.wallTime())), micros(usage.resources().userTime()),
                micros(usage.resources().systemTime()),
                peakMemoryKib.isPresent() ? new IntegerReply(peakMemoryKib.getAsLong()) : RespValue.Null.NULL,
                new IntegerReply(usage.stdoutBytes()), new IntegerReply(usage.stderrBytes()),
                new IntegerReply(usage.bytesLeftOut()));
    }

    private static RespValue micros(Optional<Duration> time) {
        return time.<RespValue>map(t -> new IntegerReply(t.toNanos() / 1000)).orElse(RespValue.Null.NULL);
    }
}
