package dev.heddle.face.resp;

import dev.heddle.command.Command;
import dev.heddle.command.Command.OverLimit;
import dev.heddle.command.WorkingDirectory;
import dev.heddle.run.RunLimits;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What RUN, SH and JOB START ask for. The options are upper case and case-sensitive, and end at {@code --} or at
 * the first word that is none: {@code RUN env} runs a program.
 *
 * @param command what to run, and how
 * @param streams whether output and stdin are to flow while the command runs
 * @param id      under which the request may be sent again
 */
public record RunOptions(Command command, boolean streams, Optional<String> id) {
    /** How many values each option has. */
    private static final Map<String, Integer> VALUES = Map.of("CWD", 1, "ENV", 2, "STDIN", 1, "TIMEOUT", 1,
            "MAXOUT", 1, "LIMIT", 1, "MERGE", 0, "STREAM", 0, "ID", 1);
    private static final String KNOWN = "CWD dir, ENV name value, STDIN bytes, TIMEOUT ms, MAXOUT bytes,"
            + " LIMIT keep|kill, MERGE, STREAM, ID token";
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
    private static final Pattern CAPITALS = Pattern.compile("[A-Z]{2,}");
    private static final long MAX_TIMEOUT_MILLIS = Duration.ofDays(365).toMillis();
    private static final int MAX_ID_BYTES = 128;
    private static final int MAX_SHOWN_BYTES = 1024;
    /** Of all numbers in requests: whoever writes more digits has made a mistake. */
    static final long MAX_NUMBER = 999_999_999_999_999_999L;

    /** What the words behind the options mean, and what may stand before them. */
    enum Form {
        RUN(1, "a program", true), SH(1, "a script", true), JOB_START(2, "a program", false);

        private final int firstOption; // behind the command's own name
        private final String subject;
        private final boolean mayStream;

        Form(int firstOption, String subject, boolean mayStream) {
            this.firstOption = firstOption;
            this.subject = subject;
            this.mayStream = mayStream;
        }
    }

    /** The client's words make no command; the message says what is wrong with them. */
    static final class SyntaxException extends Exception {
        private static final long serialVersionUID = 1L;

        SyntaxException(String message) {
            super(message);
        }
    }

    static RunOptions parse(List<byte[]> words, Form form, RunLimits limits) throws SyntaxException {
        return new Parser(words, form, limits).parse();
    }

    /** Whether RUN or SH with these words is a streaming one, if its words are in order at all. */
    static boolean askForStream(List<byte[]> words) {
        int next = 1;
        while (next < words.size()) {
            String word = text(words.get(next));
            if (word.equals("STREAM")) {
                return true;
            }
            Integer values = VALUES.get(word);
            if (values == null) {
                return false;
            }
            next += 1 + values;
        }
        return false;
    }

    /**
     * Reads a number.
     *
     * @param what as the message calls it
     * @throws SyntaxException when it is none, or out of bounds
     */
    static long number(String what, byte[] digits, long min, long max) throws SyntaxException {
        String text = text(digits);
        long number = NUMBER.matcher(text).matches() ? Long.parseLong(text) : -1;
        if (number < min || number > max) {
            throw new SyntaxException(what + " is a number from " + min + " to " + max + ", not '" + text + "'");
        }
        return number;
    }

    /** Cut where no option, number or ID is as long any more: the rest may be a whole request. */
    private static String text(byte[] word) {
        return new String(word, 0, Math.min(word.length, MAX_SHOWN_BYTES), StandardCharsets.ISO_8859_1);
    }

    /** Goes through the words of one call. */
    private static final class Parser {
        private final List<byte[]> words;
        private final Form form;
        private final RunLimits limits;
        private int next;
        private Optional<WorkingDirectory> directory = Optional.empty();
        private final List<Command.Variable> environment = new ArrayList<>();
        private Optional<byte[]> stdin = Optional.empty();
        private Optional<Duration> timeout = Optional.empty();
        private int maxOutputBytes;
        private OverLimit overLimit = OverLimit.KEEP;
        private boolean limitsOutput;
        private boolean mergeStderr;
        private boolean streams;
        private Optional<String> id = Optional.empty();

        Parser(List<byte[]> words, Form form, RunLimits limits) {
            this.words = words;
            this.form = form;
            this.limits = limits;
            next = form.firstOption;
            maxOutputBytes = limits.defaultOutputBytes();
        }

        RunOptions parse() throws SyntaxException {
            while (next < words.size() && takeOption()) {
                next++;
            }
            if (next == words.size()) {
                throw new SyntaxException(form.subject + " is missing");
            }
            refuseContradictions();
            List<byte[]> rest = words.subList(next, words.size());
            List<byte[]> argv = switch (form) {
                case RUN, JOB_START -> rest;
                case SH -> Command.shell(rest.get(0), rest.subList(1, rest.size()));
            };
            return new RunOptions(new Command(argv, directory, environment, stdin, timeout, maxOutputBytes,
                    overLimit, mergeStderr), streams, id);
        }

        private void refuseContradictions() throws SyntaxException {
            if (streams && !form.mayStream) {
                throw new SyntaxException("a job does not STREAM: SUBSCRIBE to it, or use JOB READ");
            }
            if (streams && limitsOutput) {
                throw new SyntaxException("STREAM delivers all output: MAXOUT and LIMIT do not go with it");
            }
            if (streams && id.isPresent()) {
                throw new SyntaxException("STREAM cannot be sent again: with an ID, use JOB START and SUBSCRIBE");
            }
            if (overLimit == OverLimit.KILL && form == Form.JOB_START) {
                throw new SyntaxException("LIMIT is for RUN and SH: a job keeps the head and tail of its output");
            }
        }

        /** Takes one option with its values; {@code next} is its last word then. False where the options end. */
        private boolean takeOption() throws SyntaxException {
            String word = text(words.get(next));
            switch (word) {
                case "CWD" -> directory = Optional.of(WorkingDirectory.of(nonEmpty(value(word))));
                case "ENV" -> environment.add(variable(value(word), value(word)));
                case "STDIN" -> stdin = Optional.of(value(word));
                case "TIMEOUT" -> timeout = Optional.of(Duration.ofMillis(
                        number(word, value(word), 1, MAX_TIMEOUT_MILLIS)));
                case "MAXOUT" -> {
                    maxOutputBytes = (int) Math.min(number(word, value(word), 1, MAX_NUMBER), limits.maxOutputBytes());
                    limitsOutput = true;
                }
                case "LIMIT" -> {
                    overLimit = overLimit(value(word));
                    limitsOutput = true;
                }
                case "MERGE" -> mergeStderr = true;
                case "STREAM" -> streams = true;
                case "ID" -> id = Optional.of(id(value(word)));
                case "--" -> {
                    next++;
                    return false;
                }
                default -> {
                    refuseMisspelt(word);
                    return false;
                }
            }
            return true;
        }

        /**
         * {@code RUN TIMEOT 5 -- ls} would look for a program TIMEOT. A first word in capitals with a "--" somewhere
         * behind it is taken for a misspelt option; such a program is run with a "--" in front.
         */
        private void refuseMisspelt(String word) throws SyntaxException {
            if (CAPITALS.matcher(word).matches()) {
                for (int i = next + 1; i < words.size(); i++) {
                    if (text(words.get(i)).equals("--")) {
                        throw new SyntaxException("unknown option '" + word + "'; known: " + KNOWN);
                    }
                }
            }
        }

        private byte[] value(String option) throws SyntaxException {
            next++;
            if (next >= words.size()) {
                throw new SyntaxException(option + " needs a value; known: " + KNOWN);
            }
            return words.get(next);
        }

        private static byte[] nonEmpty(byte[] directory) throws SyntaxException {
            if (directory.length == 0) {
                throw new SyntaxException("CWD needs a directory");
            }
            return directory;
        }

        private static Command.Variable variable(byte[] name, byte[] value) throws SyntaxException {
            boolean valid = name.length > 0;
            for (byte b : name) {
                valid &= b != '=' && b != 0;
            }
            if (!valid) {
                throw new SyntaxException("ENV takes a name without '=', then a value");
            }
            return new Command.Variable(name, value);
        }

        private static OverLimit overLimit(byte[] word) throws SyntaxException {
            return switch (text(word)) {
                case "keep" -> OverLimit.KEEP;
                case "kill" -> OverLimit.KILL;
                case String other -> throw new SyntaxException("LIMIT takes keep or kill, not '" + other + "'");
            };
        }

        private static String id(byte[] token) throws SyntaxException {
            if (token.length == 0 || token.length > MAX_ID_BYTES) {
                throw new SyntaxException("ID takes 1 to " + MAX_ID_BYTES + " bytes");
            }
            return text(token);
        }
    }
}
