package dev.heddle.client;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A command to run, as the client asks for it. Made with {@link #program} or {@link #script} and refined with
 * the {@code with} methods.
 *
 * @param script         true when the first word is a script for {@code /bin/sh}, the others its arguments
 * @param words          the program with its arguments, or the script with its own
 * @param directory      where to run it; empty for the server's own directory
 * @param environment    variables on top of the clean environment
 * @param stdin          what it reads; empty for nothing
 * @param timeout        after which the server ends it; empty for never
 * @param maxOutputBytes how much of each stream the server keeps; empty for the server's default
 */
public record RunRequest(boolean script, List<String> words, Optional<String> directory,
                         Map<String, String> environment, Optional<byte[]> stdin, Optional<Duration> timeout,
                         OptionalInt maxOutputBytes) {
    public static RunRequest program(List<String> argv) {
        return new RunRequest(false, List.copyOf(argv), Optional.empty(), Map.of(), Optional.empty(),
                Optional.empty(), OptionalInt.empty());
    }

    public static RunRequest script(String script, List<String> arguments) {
        List<String> words = new ArrayList<>();
        words.add(script);
        words.addAll(arguments);
        return new RunRequest(true, List.copyOf(words), Optional.empty(), Map.of(), Optional.empty(),
                Optional.empty(), OptionalInt.empty());
    }

    public RunRequest withDirectory(String newDirectory) {
        return new RunRequest(script, words, Optional.of(newDirectory), environment, stdin, timeout,
                maxOutputBytes);
    }

    public RunRequest withEnvironment(Map<String, String> variables) {
        return new RunRequest(script, words, directory, new LinkedHashMap<>(variables), stdin, timeout,
                maxOutputBytes);
    }

    public RunRequest withStdin(byte[] bytes) {
        return new RunRequest(script, words, directory, environment, Optional.of(bytes), timeout,
                maxOutputBytes);
    }

    public RunRequest withTimeout(Duration newTimeout) {
        return new RunRequest(script, words, directory, environment, stdin, Optional.of(newTimeout),
                maxOutputBytes);
    }

    public RunRequest withMaxOutputBytes(int bytes) {
        return new RunRequest(script, words, directory, environment, stdin, timeout, OptionalInt.of(bytes));
    }

    /** The request as the words of RUN or SH. */
    List<byte[]> encode() {
        List<byte[]> encoded = new ArrayList<>();
        add(encoded, script ? "SH" : "RUN");
        directory.ifPresent(dir -> add(encoded, "CWD", dir));
        environment.forEach((name, value) -> add(encoded, "ENV", name, value));
        timeout.ifPresent(time -> add(encoded, "TIMEOUT", Long.toString(time.toMillis())));
        maxOutputBytes.ifPresent(max -> add(encoded, "MAXOUT", Integer.toString(max)));
        stdin.ifPresent(bytes -> {
            add(encoded, "STDIN");
            encoded.add(bytes);
        });
        add(encoded, "--");
        words.forEach(word -> add(encoded, word));
        return encoded;
    }

    private static void add(List<byte[]> encoded, String... words) {
        for (String word : words) {
            encoded.add(word.getBytes(StandardCharsets.UTF_8));
        }
    }
}
