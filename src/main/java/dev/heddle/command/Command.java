package dev.heddle.command;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a client asks to run. Words are bytes: they reach the program as they came.
 *
 * @param argv at least one word
 * @param directory empty for the server's own
 * @param environment variables on top of the clean environment
 * @param stdin empty for {@code /dev/null}, or for what a client sends later
 * @param timeout from the start of the program to the end of its leader
 */
public record Command(List<byte[]> argv, Optional<WorkingDirectory> directory, List<Variable> environment,
                      Optional<Payload> stdin, Optional<Duration> timeout, OutputRules output, Tags tags) {
    /** Linux takes three quarters of 8 MiB at most, whatever the stack's limit is, see {@code execve(2)}. */
    private static final long MAX_WORDS_BYTES = 6 << 20;
    private static final int OBJECT_BYTES = 32; // an array's header, and its place
    private static final int WORD_OVERHEAD_BYTES = 9; // a pointer, and the final NUL

    public Command {
        argv = List.copyOf(argv);
        environment = List.copyOf(environment);
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("argv is empty");
        }
        Objects.requireNonNull(output);
        Objects.requireNonNull(tags);
    }

    public record Variable(byte[] name, byte[] value) {}

    /** What to do once a stream is over its limit: keep on draining and counting, or end the command. */
    public enum OverLimit { KEEP, KILL }

    /** What becomes of the output: this much of each stream is kept, at least 1 byte; stderr may go into stdout. */
    public record OutputRules(int maxBytes, OverLimit overLimit, boolean mergeStderr) {
        public OutputRules {
            Objects.requireNonNull(overLimit);
            if (maxBytes < 1) {
                throw new IllegalArgumentException("maxBytes: " + maxBytes);
            }
        }

        /** Keeps so much, drains the rest, and leaves the streams apart. */
        public static OutputRules keeping(int maxBytes) {
            return new OutputRules(maxBytes, OverLimit.KEEP, false);
        }
    }

    /**
     * How a client calls a command, and the labels that the audit log shows with it. A name is accepted wherever an ID
     * is, and is of one running command of a user at a time.
     */
    public record Tags(Optional<String> name, Map<String, String> labels) {
        public static final Tags NONE = new Tags(Optional.empty(), Map.of());

        public Tags {
            labels = Map.copyOf(labels);
        }
    }

    public static Command of(List<byte[]> argv, OutputRules output) {
        return new Command(argv, Optional.empty(), List.of(), Optional.empty(), Optional.empty(), output, Tags.NONE);
    }

    /** Whether its words are more than any kernel takes: then nothing needs to look at them or keep them. */
    public boolean isTooLong() {
        return wordBytes(WORD_OVERHEAD_BYTES, WORD_OVERHEAD_BYTES) > MAX_WORDS_BYTES;
    }

    /** What it holds in memory, about. */
    public long heldBytes() {
        return stdin.map(Payload::length).orElse(0L) + wordBytes(OBJECT_BYTES, 3 * OBJECT_BYTES);
    }

    private long wordBytes(int wordOverhead, int variableOverhead) {
        return directory.map(path -> path.path().length).orElse(0)
                + argv.stream().mapToLong(word -> word.length + wordOverhead).sum()
                + environment.stream().mapToLong(variable ->
                        variable.name().length + variable.value().length + variableOverhead).sum();
    }

    /** What is left of it once it has run: its words, to be shown. */
    public Command ended() {
        return new Command(argv, Optional.empty(), List.of(), Optional.empty(), timeout, output, tags);
    }

    /** This command with the words, the directory and the timeout that a policy has decided on. */
    public Command restricted(List<byte[]> newArgv, WorkingDirectory newDirectory, Optional<Duration> newTimeout) {
        return new Command(newArgv, Optional.of(newDirectory), environment, stdin, newTimeout, output, tags);
    }

    public Command within(Duration newTimeout) {
        return new Command(argv, directory, environment, stdin, Optional.of(newTimeout), output, tags);
    }

    /** Makes the argv that lets {@code /bin/sh} run a script with {@code "$1"} and so on set to the arguments. */
    public static List<byte[]> shell(byte[] script, List<byte[]> arguments) {
        List<byte[]> argv = new ArrayList<>(List.of(ascii("/bin/sh"), ascii("-c"), script, ascii("sh")));
        argv.addAll(arguments);
        return argv;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
