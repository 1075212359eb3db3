package dev.heddle.command;


import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a client asks to run. Words are bytes: they reach the program as they came.
 *
 * @param argv           program and arguments, at least one word
 * @param directory      working directory; empty for the server's own
 * @param environment    variables on top of the clean environment
 * @param stdin          what the program reads; empty for {@code /dev/null}
 * @param timeout        from the start of the program to the end of its leader; empty for no limit
 * @param maxOutputBytes how much of each stream is kept, at least 1
 * @param overLimit      what happens to a command that prints more
 * @param mergeStderr    whether stderr goes into stdout
 */
public record Command(List<byte[]> argv, Optional<WorkingDirectory> directory, List<Variable> environment,
                      Optional<Payload> stdin, Optional<Duration> timeout, int maxOutputBytes,
                      OverLimit overLimit, boolean mergeStderr) {
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
        if (maxOutputBytes < 1) {
            throw new IllegalArgumentException("maxOutputBytes: " + maxOutputBytes);
        }
        Objects.requireNonNull(overLimit);
    }

    /** Whether its words are more than any kernel takes: then nothing needs to look at them or keep them. */
    public boolean isTooLong() {
        long bytes = directory.map(path -> path.path().length).orElse(0);
        for (byte[] word : argv) {
            bytes += word.length + WORD_OVERHEAD_BYTES;
        }
        for (Variable variable : environment) {
            bytes += variable.name().length + variable.value().length + WORD_OVERHEAD_BYTES;
        }
        return bytes > MAX_WORDS_BYTES;
    }

    /** What it holds in memory, about. */
    public long heldBytes() {
        long bytes = stdin.map(Payload::length).orElse(0L) + directory.map(path -> path.path().length).orElse(0);
        for (byte[] word : argv) {
            bytes += word.length + OBJECT_BYTES;
        }
        for (Variable variable : environment) {
            bytes += variable.name().length + variable.value().length + 3 * OBJECT_BYTES;
        }
        return bytes;
    }

    /** What is left of it once it has run: its words, to be shown. */
    public Command ended() {
        return new Command(argv, Optional.empty(), List.of(), Optional.empty(), timeout, maxOutputBytes, overLimit,
                mergeStderr);
    }

    /** This command with the words, the directory and the timeout that a policy has decided on. */
    public Command restricted(List<byte[]> newArgv, WorkingDirectory newDirectory, Optional<Duration> newTimeout) {
        return new Command(newArgv, Optional.of(newDirectory), environment, stdin, newTimeout, maxOutputBytes,
                overLimit, mergeStderr);
    }

    /** An environment variable, as bytes. */
    public record Variable(byte[] name, byte[] value) {}

    /** What to do once a stream is over its limit: keep on draining and counting, or end the command. */
    public enum OverLimit { KEEP, KILL }

    /** The argv that lets {@code /bin/sh} run a script with {@code "$1"} and so on set to the arguments. */
    public static List<byte[]> shell(byte[] script, List<byte[]> arguments) {
        List<byte[]> argv = new ArrayList<>(arguments.size() + 4);
        argv.add(ascii("/bin/sh"));
        argv.add(ascii("-c"));
        argv.add(script);
        argv.add(ascii("sh"));
        argv.addAll(arguments);
        return argv;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
