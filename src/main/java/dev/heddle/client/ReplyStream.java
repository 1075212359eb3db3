package dev.heddle.client;

import dev.heddle.command.Outcome;
import dev.heddle.command.ResourceUsage;
import dev.heddle.command.Usage;
import dev.heddle.resp.ProtocolException;
import dev.heddle.resp.RespValue;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads Heddle's replies. Further elements at an array's end come from a newer server and are skipped. */
final class ReplyStream {
    private ReplyStream() {}

    static RunResult runResult(RespValue reply) throws ProtocolException {
        List<RespValue> parts = array(reply, 5);
        Completion completion = completion(reply).orElseThrow(() -> unexpected());
        return new RunResult(completion.outcome(), completion.usage(), bytes(parts.get(2)), bytes(parts.get(3)));
    }

    /** Empty while it runs. */
    static Optional<Completion> completion(RespValue reply) throws ProtocolException {
        List<RespValue> parts = array(reply, 5);
        Optional<Outcome> outcome = outcome(parts.get(0), parts.get(1));
        return outcome.isEmpty() ? Optional.empty() : Optional.of(new Completion(outcome.get(), usage(parts.get(4))));
    }

    private static Usage usage(RespValue reply) throws ProtocolException {
        List<RespValue> numbers = array(reply, 7);
        ResourceUsage resources = new ResourceUsage(optional(numbers.get(1)).map(ReplyStream::micros),
                optional(numbers.get(2)).map(ReplyStream::micros),
                optional(numbers.get(3)).map(OptionalLong::of).orElse(OptionalLong.empty()));
        return new Usage(micros(number(numbers.get(0))), resources, number(numbers.get(4)), number(numbers.get(5)),
                number(numbers.get(6)));
    }

    private static Duration micros(long micros) {
        return Duration.of(micros, ChronoUnit.MICROS);
    }

    /** Empty while it runs. */
    private static Optional<Outcome> outcome(RespValue state, RespValue code) throws ProtocolException {
        return switch (text(state)) {
            case "running" -> Optional.empty();
            case "exited" -> Optional.of(new Outcome.Exited((int) number(code)));
            case "signaled" -> Optional.of(new Outcome.Signaled((int) number(code)));
            case "timeout" -> Optional.of(new Outcome.TimedOut());
            case "cancelled" -> Optional.of(new Outcome.Cancelled());
            case String other -> throw new ProtocolException("unknown state of a command: " + other);
        };
    }

    static JobOutput jobOutput(RespValue reply) throws ProtocolException {
        List<RespValue> parts = array(reply, 4);
        List<JobOutput.Chunk> chunks = new ArrayList<>();
        for (RespValue chunk : array(parts.get(3), 0)) {
            List<RespValue> fields = array(chunk, 3);
            chunks.add(new JobOutput.Chunk(number(fields.get(0)) == 2, number(fields.get(1)), bytes(fields.get(2))));
        }
        return new JobOutput(number(parts.get(0)), outcome(parts.get(1), parts.get(2)), chunks);
    }

    static JobInfo jobInfo(RespValue reply) throws ProtocolException {
        List<RespValue> fields = array(reply, 8);
        List<String> argv = new ArrayList<>();
        for (RespValue word : array(fields.get(3), 0)) {
            argv.add(text(word));
        }
        Optional<String> name = fields.size() < 9 || fields.get(8) == RespValue.Null.NULL // older servers know no names
                ? Optional.empty() : Optional.of(text(fields.get(8)));
        return new JobInfo(text(fields.get(0)), outcome(fields.get(1), fields.get(2)), List.copyOf(argv),
                Instant.ofEpochMilli(number(fields.get(4))), optional(fields.get(5)).map(Instant::ofEpochMilli),
                number(fields.get(6)), number(fields.get(7)), name);
    }

    static List<RespValue> array(RespValue value, int atLeast) throws ProtocolException {
        if (value instanceof RespValue.ArrayReply(List<RespValue> values) && values.size() >= atLeast) {
            return values;
        }
        throw unexpected();
    }

    static String text(RespValue value) throws ProtocolException {
        return switch (value) {
            case RespValue.BulkString bulk -> bulk.text();
            case RespValue.SimpleString(String text) -> text;
            case RespValue other -> throw unexpected();
        };
    }

    private static byte[] bytes(RespValue value) throws ProtocolException {
        if (value instanceof RespValue.BulkString(byte[] bytes)) {
            return bytes;
        }
        throw unexpected();
    }

    static long number(RespValue value) throws ProtocolException {
        if (value instanceof RespValue.IntegerReply(long number)) {
            return number;
        }
        throw unexpected();
    }

    private static Optional<Long> optional(RespValue value) throws ProtocolException {
        return value == RespValue.Null.NULL ? Optional.empty() : Optional.of(number(value));
    }

    /** Leaves the value out: a server of another kind may have echoed what it was sent, secrets included. */
    static ProtocolException unexpected() {
        return new ProtocolException("this is not the reply of a Heddle server");
    }
}
