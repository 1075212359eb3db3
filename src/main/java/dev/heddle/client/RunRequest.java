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
 * Describes a command that a client asks for. A request is made with {@link #program} or {@link #script} and refined
 * with the {@code with} methods, which return a new one. Text goes out as UTF-8, in which a byte that is not part of a
 * character is what {@link dev.heddle.platform.LosslessUtf8#decode} makes of it.
 *
 * @param script         true when the first word is a script for {@code /bin/sh}, the others its arguments
 * @param words          the program with its arguments, or the script with its own
 * @param id             makes it safe to send the request again, 1 to 128 bytes: the server runs one command for all
 *                       requests of one user with the same ID, and remembers its result for a while
 * @param name           a name for the command, accepted wherever the server's ID is
 * @param directory      where to run the command; empty for the server's own directory
 * @param environment    variables on top of the clean environment
 * @param stdin          all that the command reads. Empty: nothing with {@link HeddleClient#run}; what is written later
 *                       with {@link HeddleClient#stream} and jobs
 * @param timeout        after which the server ends the command, from 1 ms on; empty for never
 * @param maxOutputBytes how much the server keeps: of each stream, or of both streams of a job together; empty for the
 *                       server's default
 */
public record RunRequest(boolean script, List<String> words, Optional<String> id, Optional<String> name,
                         Optional<String> directory, Map<String, String> environment, Optional<byte[]> stdin,
                         Optional<Duration> timeout, OptionalInt maxOutputBytes) {
    public RunRequest {
        words = List.copyOf(words);
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    }

    /** Makes a request for a program, which is looked up on the command's PATH, with its arguments. */
    public static RunRequest program(List<String> argv) {
        return of(false, argv);
    }

    /** Makes a request for a script of {@code /bin/sh}; its arguments are {@code "$1"} and so on, without quoting. */
    public static RunRequest script(String script, List<String> arguments) {
        return of(true, Stream.concat(Stream.of(script), arguments.stream()).toList());
    }

    private static RunRequest of(boolean script, List<String> words) {
        return new RunRequest(script, words, Optional.empty(), Optional.empty(), Optional.empty(), Map.of(),
                Optional.empty(), Optional.empty(), OptionalInt.empty());
    }

    /** @param newId 1 to 128 bytes, unlike that of any other request of this user */
    public RunRequest withId(String newId) {
        return new RunRequest(script, words, Optional.of(newId), name, directory, environment, stdin, timeout,
                maxOutputBytes);
    }

    /** @param newName unlike that of any other running command of this user */
    public RunRequest withName(String newName) {
        return new RunRequest(script, words, id, Optional.of(newName), directory, environment, stdin, timeout,
                maxOutputBytes);
    }

    /** @param newDirectory on the server */
    public RunRequest withDirectory(String newDirectory) {
        return new RunRequest(script, words, id, name, Optional.of(newDirectory), environment, stdin, timeout,
                maxOutputBytes);
    }

    /** @param variables all that are to be set, in place of those from before; each name without {@code =} */
    public RunRequest withEnvironment(Map<String, String> variables) {
        return new RunRequest(script, words, id, name, directory, variables, stdin, timeout, maxOutputBytes);
    }

    /** @param bytes all that the command reads; not copied, and not to be changed */
    public RunRequest withStdin(byte[] bytes) {
        return new RunRequest(script, words, id, name, directory, environment, Optional.of(bytes), timeout,
                maxOutputBytes);
    }

    /** @param newTimeout from 1 ms to 365 days */
    public RunRequest withTimeout(Duration newTimeout) {
        return new RunRequest(script, words, id, name, directory, environment, stdin, Optional.of(newTimeout),
                maxOutputBytes);
    }

    /** @param bytes from 1 on; the server lowers a number above its own maximum */
    public RunRequest withMaxOutputBytes(int bytes) {
        return new RunRequest(script, words, id, name, directory, environment, stdin, timeout, OptionalInt.of(bytes));
    }

    List<byte[]> runWords() {
        return request(script ? "SH" : "RUN");
    }

    List<byte[]> streamWords() {
        if (id.isPresent() || maxOutputBytes.isPresent()) {
            throw new IllegalArgumentException("a streamed command has no ID, and all of its output is delivered");
        }
        return request(script ? "SH" : "RUN", "STREAM");
    }

    /** JOB START has no form for scripts: {@code /bin/sh} is named as SH does it. */
    List<byte[]> jobWords() {
        RequestWords request = options("JOB", "START");
        if (script) {
            request.add("/bin/sh", "-c", words.getFirst(), "sh");
        }
        words.stream().skip(script ? 1 : 0).forEach(request::add);
        return request.list();
    }

    private List<byte[]> request(String... beginning) {
        RequestWords request = options(beginning);
        words.forEach(request::add);
        return request.list();
    }

    private RequestWords options(String... beginning) {
        RequestWords request = new RequestWords().add(beginning);
        name.ifPresent(word -> request.add("NAME", word));
        id.ifPresent(token -> request.add("ID", token));
        directory.ifPresent(dir -> request.add("CWD", dir));
        environment.forEach((variable, value) -> request.add("ENV", variable, value));
        timeout.ifPresent(time -> request.add("TIMEOUT", Long.toString(time.toMillis())));
        maxOutputBytes.ifPresent(max -> request.add("MAXOUT", Integer.toString(max)));
        stdin.ifPresent(bytes -> request.add("STDIN").add(bytes));
        return request.add("--");
    }
}
