package dev.heddle.client;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A command to run, as the client asks for it. Made with {@link #program} or {@link #script} and refined with
 * the {@code with} methods, which return a new one. Text goes out as UTF-8, in which a byte that is not part of a
 * character is what {@link dev.heddle.platform.LosslessUtf8#decode} makes of it.
 *
 * @param script         true when the first word is a script for {@code /bin/sh}, the others its arguments
 * @param words          the program with its arguments, or the script with its own
 * @param id             makes it safe to send the request again, 1 to 128 bytes: the server runs one command for
 *                       all requests of one user with the same ID, and remembers its result for a while
 * @param directory      where to run it; empty for the server's own directory
 * @param environment    variables on top of the clean environment
 * @param stdin          all that it reads. Empty: nothing with {@link HeddleClient#run}; what is written later
 *                       with {@link HeddleClient#stream} and jobs
 * @param timeout        after which the server ends it, from 1 ms on; empty for never
 * @param maxOutputBytes how much the server keeps: of each stream, or of both streams of a job together; empty
 *                       for the server's default
 */
public record RunRequest(boolean script, List<String> words, Optional<String> id, Optional<String> directory,
                         Map<String, String> environment, Optional<byte[]> stdin, Optional<Duration> timeout,
                         OptionalInt maxOutputBytes) {
    public RunRequest {
        words = List.copyOf(words);
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    }

    /** A program, which is looked up on the command's PATH, and its arguments. */
    public static RunRequest program(List<String> argv) {
        return of(false, argv);
    }

    /** A script for {@code /bin/sh}, and its arguments {@code "$1"} and so on, which need no quoting. */
    public static RunRequest script(String script, List<String> arguments) {
        return of(true, Stream.concat(Stream.of(script), arguments.stream()).toList());
    }

    private static RunRequest of(boolean script, List<String> words) {
        return new RunRequest(script, words, Optional.empty(), Optional.empty(), Map.of(), Optional.empty(),
                Optional.empty(), OptionalInt.empty());
    }

    /** @param newId 1 to 128 bytes, unlike that of any other request of this user */
    public RunRequest withId(String newId) {
        return new RunRequest(script, words, Optional.of(newId), directory, environment, stdin, timeout,
                maxOutputBytes);
    }

    /** @param newDirectory on the server */
    public RunRequest withDirectory(String newDirectory) {
        return new RunRequest(script, words, id, Optional.of(newDirectory), environment, stdin, timeout,
                maxOutputBytes);
    }

    /** @param variables all that are to be set, in place of those from before; each name without {@code =} */
    public RunRequest withEnvironment(Map<String, String> variables) {
        return new RunRequest(script, words, id, directory, variables, stdin, timeout, maxOutputBytes);
    }

    /** @param bytes all that the command reads; not copied, and not to be changed */
    public RunRequest withStdin(byte[] bytes) {
        return new RunRequest(script, words, id, directory, environment, Optional.of(bytes), timeout,
                maxOutputBytes);
    }

    /** @param newTimeout from 1 ms to 365 days */
    public RunRequest withTimeout(Duration newTimeout) {
        return new RunRequest(script, words, id, directory, environment, stdin, Optional.of(newTimeout),
                maxOutputBytes);
    }

    /** @param bytes from 1 on; the server has a maximum of its own, which it takes for more than that */
    public RunRequest withMaxOutputBytes(int bytes) {
        return new RunRequest(script, words, id, directory, environment, stdin, timeout, OptionalInt.of(bytes));
    }

    List<byte[]> runWords() {
        return request(script ? "SH" : "RUN").list();
    }

    List<byte[]> streamWords() {
        if (id.isPresent() || maxOutputBytes.isPresent()) {
            throw new IllegalArgumentException("a streamed command has no ID, and all of its output is delivered");
        }
        return request(script ? "SH" : "RUN", "STREAM").list();
    }

    /** There is no form of JOB START for scripts; this is what SH does on the server. */
    List<byte[]> jobWords() {
        RunRequest program = new RunRequest(false, script ? List.of("/bin/sh", "-c", words.getFirst(), "sh") : words,
                id, directory, environment, stdin, timeout, maxOutputBytes);
        Words request = program.request("JOB", "START");
        if (script) {
            words.stream().skip(1).forEach(request::add);
        }
        return request.list();
    }

    private Words request(String... beginning) {
        Words request = new Words().add(beginning);
        id.ifPresent(token -> request.add("ID", token));
        directory.ifPresent(dir -> request.add("CWD", dir));
        environment.forEach((name, value) -> request.add("ENV", name, value));
        timeout.ifPresent(time -> request.add("TIMEOUT", Long.toString(time.toMillis())));
        maxOutputBytes.ifPresent(max -> request.add("MAXOUT", Integer.toString(max)));
        stdin.ifPresent(bytes -> request.add("STDIN").add(bytes));
        request.add("--");
        words.forEach(request::add);
        return request;
    }
}
