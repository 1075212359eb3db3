package dev.heddle.face.resp;

import static dev.heddle.face.resp.WordReader.MAX_NUMBER;
import static dev.heddle.face.resp.WordReader.UNBOUNDED;
import static dev.heddle.face.resp.WordReader.is;
import static dev.heddle.face.resp.WordReader.number;
import static dev.heddle.face.resp.WordReader.text;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** {@code JOB}: commands that are started now and looked at later; {@code JOB START} is a {@link RunOptions}. */
sealed interface JobVerb extends Verb {
    record ListAll() implements JobVerb {}

    sealed interface OnJob extends JobVerb {
        String id();
    }

    /** @param maxWait for output, when there is none at the cursor yet */
    record Read(String id, long cursor, int maxBytes, Duration maxWait) implements OnJob {}

    /** @param offset of the first byte in the job's stdin */
    record Write(String id, long offset, byte[] bytes) implements OnJob {}

    record Eof(String id) implements OnJob {}

    record Signal(String id, String signal) implements OnJob {}

    record Wait(String id, Duration maxWait) implements OnJob {}

    record Info(String id) implements OnJob {}

    record Remove(String id) implements OnJob {}

    /**
     * Follows the job, and may talk to it.
     *
     * @param from the offset to begin at, unless there is a tail
     * @param tail how many bytes before the end of what is there now
     */
    record Attach(String id, long from, OptionalLong tail, boolean readOnly) implements OnJob {
        @Override
        public boolean streams() {
            return true;
        }
    }

    int DEFAULT_READ_BYTES = 64 << 10;
    int MAX_READ_BYTES = 1 << 20;

    Subcommands SUBCOMMANDS = new Subcommands("job", true, List.of(
            new Subcommands.Row("START", 2, Integer.MAX_VALUE,
                    "Starts a job: JOB START [option value]... [--] program [argument]...", RunOptions.Form.JOB_START),
            new Subcommands.Row("READ", 4, 8,
                    "Reads output from a cursor on: JOB READ id cursor [MAX bytes] [BLOCK ms]", JobVerb::read),
            new Subcommands.Row("WRITE", 5, 5, "Writes stdin: JOB WRITE id offset bytes",
                    words -> new Write(id(words), number("an offset", words.get(3), 0, MAX_NUMBER), words.get(4))),
            new Subcommands.Row("EOF", 3, 3, "Ends stdin: JOB EOF id", words -> new Eof(id(words))),
            new Subcommands.Row("SIGNAL", 4, 4, "Sends a signal: JOB SIGNAL id name",
                    words -> new Signal(id(words), text(words.get(3)))),
            new Subcommands.Row("WAIT", 3, 4, "Waits for the end: JOB WAIT id [ms]", words -> new Wait(id(words),
                    words.size() == 4 ? WordReader.millis("WAIT", words.get(3), 0) : UNBOUNDED)),
            new Subcommands.Row("INFO", 3, 3, "Describes a job: JOB INFO id", words -> new Info(id(words))),
            new Subcommands.Row("LIST", 2, Integer.MAX_VALUE, "Lists your jobs.", words -> new ListAll()),
            new Subcommands.Row("RM", 3, 3, "Removes a job that has ended: JOB RM id", words -> new Remove(id(words))),
            new Subcommands.Row("ATTACH", 3, 8,
                    "Follows a job and talks to it: JOB ATTACH id [FROM offset|TAIL bytes] [READONLY]",
                    JobVerb::attach)));

    private static String id(List<byte[]> words) {
        return text(words.get(2));
    }

    private static Verb read(List<byte[]> words) throws SyntaxException {
        long cursor = number("a cursor", words.get(3), 0, MAX_NUMBER);
        int maxBytes = DEFAULT_READ_BYTES;
        Duration maxWait = Duration.ZERO;
        for (int i = 4; i < words.size(); i += 2) {
            byte[] option = words.get(i);
            if (i + 1 == words.size()) {
                throw SyntaxException.of(text(option) + " needs a value");
            } else if (is(option, "MAX")) {
                maxBytes = (int) Math.clamp(number("MAX", words.get(i + 1), 0, MAX_NUMBER), 1, MAX_READ_BYTES);
            } else if (is(option, "BLOCK")) {
                maxWait = WordReader.millis("BLOCK", words.get(i + 1), 0);
            } else {
                throw SyntaxException.of("unknown option '" + text(option) + "'; known: MAX bytes, BLOCK ms");
            }
        }
        return new Read(id(words), cursor, maxBytes, maxWait);
    }

    private static Verb attach(List<byte[]> words) throws SyntaxException {
        OptionalLong from = OptionalLong.empty();
        OptionalLong tail = OptionalLong.empty();
        boolean readOnly = false;
        for (int i = 3; i < words.size(); i++) {
            byte[] option = words.get(i);
            if (is(option, "READONLY")) {
                readOnly = true;
            } else if (!is(option, "FROM") && !is(option, "TAIL")) {
                throw SyntaxException.of("unknown option '" + text(option)
                        + "'; known: FROM offset, TAIL bytes, READONLY");
            } else if (++i == words.size()) {
                throw SyntaxException.of(text(option) + " needs a value");
            } else if (is(option, "FROM")) {
                from = OptionalLong.of(number("FROM", words.get(i), 0, MAX_NUMBER));
            } else {
                tail = OptionalLong.of(number("TAIL", words.get(i), 0, MAX_NUMBER));
            }
        }
        if (from.isPresent() && tail.isPresent()) {
            throw SyntaxException.of("FROM and TAIL do not go together");
        }
        return new Attach(id(words), from.orElse(0), tail, readOnly);
    }
}
