package dev.heddle.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A process of the run, with a look at what it costs. Those that nobody has ended are ended with their step. */
final class Started implements AutoCloseable {
    private static final Set<Started> RUNNING = ConcurrentHashMap.newKeySet();
    private static final int TERM_SECONDS = 10;
    private static final int GC_SECONDS = 60;

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Started::killAll));
    }

    private final Process process;

    private Started(Process process) {
        this.process = process;
        RUNNING.add(this);
    }

    /** Starts it with no stdin, stdout and stderr in a file, and nothing of Heddle's in its environment. */
    static Started start(Path output, Map<String, String> environment, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectInput(new File("/dev/null")).redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("HEDDLE_"));
        builder.environment().putAll(environment);
        return new Started(builder.start());
    }

    /** Starts it with pipes to its stdin and from its stdout; its stderr is ours. */
    static Started piped(List<String> command) throws IOException {
        return new Started(new ProcessBuilder(command).redirectError(Redirect.INHERIT).start());
    }

    /** Of one with pipes: closed with it. */
    BufferedReader output() {
        return process.inputReader();
    }

    /** Of one with pipes. */
    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /** Runs it to its end, which must come in time and with exit code 0. */
    static void run(int seconds, Path output, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException, TimeoutException {
        try (Started started = start(output, environment, command)) {
            started.awaitSuccess(seconds, output);
        }
    }

    void awaitSuccess(int seconds, Path output) throws IOException, InterruptedException, TimeoutException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            throw new TimeoutException(command() + " runs longer than " + seconds + " s");
        }
        if (process.exitValue() != 0) {
            throw new IOException(command() + " exits with " + process.exitValue() + ": "
                    + Files.readString(output).strip());
        }
    }

    private String command() {
        return process.info().commandLine().orElse("process " + process.pid());
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Resident memory in KiB: counted page by page, where VmRSS is off by the kernel's per-CPU counters. */
    long residentKib() throws IOException {
        return number("smaps_rollup", "Rss:");
    }

    /** The highest resident memory so far, in KiB. */
    long peakKib() throws IOException {
        return number("status", "VmHWM:");
    }

    long osThreads() throws IOException {
        return number("status", "Threads:");
    }

    long children() {
        return process.children().count();
    }

    /** A full collection, after which the resident memory tells what is in use. */
    void collectGarbage(Path output) throws IOException, InterruptedException, TimeoutException {
        run(GC_SECONDS, output, Map.of(), List.of(Workshop.javaHome().resolve("bin/jcmd").toString(),
                Long.toString(pid()), "GC.run"));
    }

    private long number(String file, String key) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid()), file))) {
            return lines.filter(line -> line.startsWith(key)).findFirst()
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .orElseThrow(() -> new IOException("process " + pid() + " has ended"));
        }
    }

    /** Ends it with TERM, and if that does not help with KILL; what it has started too. */
    @Override
    public void close() {
        List<ProcessHandle> descendants = process.descendants().toList();
        process.destroy();
        try {
            process.waitFor(TERM_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // and on to the KILL
        }
        process.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
        RUNNING.remove(this);
    }

    /** Kills what is left, for instance when a step was not done in time. */
    static void killAll() {
        for (Started started : RUNNING) {
            started.process.descendants().forEach(ProcessHandle::destroyForcibly);
            started.process.destroyForcibly();
            RUNNING.remove(started);
        }
    }
}
