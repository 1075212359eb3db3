package dev.heddle.server.resp;

import dev.heddle.exec.Command;
import dev.heddle.exec.Command.OverLimit;
import dev.heddle.exec.ExecLimits;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads the options of RUN and SH. They are upper case and case-sensitive, and end at {@code --} or at the
 * first word that is none: {@code RUN env} runs a program. Lives for one call.
 */
final class RunOptions {
    private static final String KNOWN = "CWD dir, ENV name value, STDIN bytes, TIMEOUT ms, MAXOUT bytes,"
            + " LIMIT keep|kill, MERGE";
    private static final Pattern CAPITALS = Pattern.compile("[A-Z]{2,}");
    private static final long MAX_TIMEOUT_MILLIS = Duration.ofDays(365).toMillis();

    /** The client's words make no command; the message says what is wrong with them. */
    static final class SyntaxException extends Exception {
        private static final long serialVersionUID = 1L;

        SyntaxException(String message) {
            super(message);
        }
    }

    private final List<byte[]> words;
    private final ExecLimits limits;
    private int next = 1; // behind the command's own name
    private Optional<byte[]> directory = Optional.empty();
    private final List<Command.Variable> environment = new ArrayList<>();
    private Optional<byte[]> stdin = Optional.empty();
    private Optional<Duration> timeout = Optional.empty();
    private int maxOutputBytes;
    private OverLimit overLimit = OverLimit.KEEP;
    private boolean mergeStderr;

    RunOptions(List<byte[]> words, ExecLimits limits) {
        this.words = words;
        this.limits = limits;
        maxOutputBytes = limits.defaultOutputBytes();
    }

    /** The words of RUN: options, then the argv. */
    Command run() throws SyntaxException {
        return command(rest("a program"));
    }

    /** The words of SH: options, then a script and its arguments. */
    Command sh() throws SyntaxException {
        List<byte[]> rest = rest("a script");
        return command(Command.shell(rest.get(0), rest.subList(1, rest.size())));
    }

    private Command command(List<byte[]> argv) {
        return new Command(argv, directory, environment, stdin, timeout, maxOutputBytes, overLimit, mergeStderr);
    }

    private List<byte[]> rest(String what) throws SyntaxException {
        while (next < words.size() && takeOption()) {
            next++;
        }
        if (next == words.size()) {
            throw new SyntaxException(what + " is missing");
        }
        return words.subList(next, words.size());
    }

    /** Takes one option with its values; {@code next} is its last word then. False where the options end. */
    private boolean takeOption() throws SyntaxException {
        String word = text(next);
        switch (word) {
            case "CWD" -> directory = Optional.of(nonEmpty(value(word)));
            case "ENV" -> environment.add(variable(value(word), value(word)));
            case "STDIN" -> stdin = Optional.of(value(word));
            case "TIMEOUT" -> timeout = Optional.of(Duration.ofMillis(number(word, MAX_TIMEOUT_MILLIS)));
            case "MAXOUT" -> maxOutputBytes =
                    (int) Math.min(number(word, Long.MAX_VALUE), limits.maxOutputBytes());
            case "LIMIT" -> overLimit = overLimit(value(word));
            case "MERGE" -> mergeStderr = true;
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
                if (text(i).equals("--")) {
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

    private long number(String option, long max) throws SyntaxException {
        String digits = new String(value(option), StandardCharsets.ISO_8859_1);
        long number = digits.matches("[0-9]{1,18}") ? Long.parseLong(digits) : 0;
        if (number < 1 || number > max) {
            throw new SyntaxException(option + " takes a number from 1 to " + max + ", not '" + digits + "'");
        }
        return number;
    }

    private static OverLimit overLimit(byte[] word) throws SyntaxException {
        return switch (new String(word, StandardCharsets.ISO_8859_1)) {
            case "keep" -> OverLimit.KEEP;
            case "kill" -> OverLimit.KILL;
            case String other -> throw new SyntaxException("LIMIT takes keep or kill, not '" + other + "'");
        };
    }

    private String text(int index) {
        return new String(words.get(index), StandardCharsets.ISO_8859_1);
    }
}
