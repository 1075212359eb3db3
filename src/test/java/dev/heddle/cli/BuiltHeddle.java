package dev.heddle.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.testing.Await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The built executable, as users start it. What was started is ended by {@link #close}. */
final class BuiltHeddle implements AutoCloseable {
    static final Path TARGET = Path.of(System.getProperty("heddle.target"));
    static final String HEDDLE = TARGET.resolve("heddle").toString();

    private final Path directory;
    private final List<Process> started = new ArrayList<>();

    /** @param directory for logs and the like */
    BuiltHeddle(Path directory) {
        this.directory = directory;
    }

    record Finished(int code, byte[] stdout, String err) {
        String out() {
            return new String(stdout, StandardCharsets.UTF_8);
        }
    }

    Process start(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        started.add(process);
        return process;
    }

    Process start(String... command) throws IOException {
        return start(builder(command));
    }

    /** With a configuration folder of the test's own: nobody's real token is read, sent or made. */
    private ProcessBuilder builder(String... command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("XDG_CONFIG_HOME", directory.resolve("no-config").toString());
        return builder;
    }

    Finished run(Map<String, String> environment, byte[] stdin, String... command) throws Exception {
        Path err = Files.createTempFile(directory, "stderr", "");
        ProcessBuilder builder = builder(command).redirectError(err.toFile());
        builder.environment().putAll(environment);
        Process process = start(builder);
        Thread feeder = Thread.ofVirtual().start(() -> {
            try (var out = process.getOutputStream()) {
                out.write(stdin);
            } catch (IOException e) {
                // it ended without reading all of it, which the test's own checks judge
            }
        });
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        process.getInputStream().transferTo(out);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        feeder.join();
        return new Finished(process.exitValue(), out.toByteArray(), Files.readString(err));
    }

    Finished run(String... command) throws Exception {
        return run(Map.of(), new byte[0], command);
    }

    /** Starts a server and returns its process; its address is in the file. */
    Process serve(Map<String, String> environment, String... options) throws Exception {
        return serve(List.of(), environment, options);
    }

    /** Starts a server that may have so many files open. */
    Process serveWithFiles(int limit, String... options) throws Exception {
        return serve(List.of("sh", "-c", "ulimit -n " + limit + " && exec \"$@\"", "sh"), Map.of(), options);
    }

    private Process serve(List<String> prefix, Map<String, String> environment, String... options) throws Exception {
        Path addresses = directory.resolve("addresses");
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(HEDDLE, "serve", "--listen", "resp://127.0.0.1:0", "--print-addresses",
                addresses.toString()));
        command.addAll(List.of(options));
        ProcessBuilder builder = builder(command.toArray(String[]::new)).redirectErrorStream(true)
                .redirectOutput(log().toFile());
        builder.environment().putAll(environment);
        Process process = start(builder);
        Await.until("the server is up", Duration.ofSeconds(30), () -> {
            assertThat(process.isAlive()).as(Files.readString(log())).isTrue();
            return Files.exists(addresses);
        });
        return process;
    }

    /** What the server says. */
    Path log() {
        return directory.resolve("serve.log");
    }

    String address() throws IOException {
        return Files.readString(directory.resolve("addresses")).strip().replace("resp://", "");
    }

    /** The most memory that the process has had resident. */
    static long peakMiB(Process process) throws IOException {
        String status = Files.readString(Path.of("/proc", Long.toString(process.pid()), "status"));
        return Long.parseLong(status.replaceAll("(?s).*VmHWM:\\s+([0-9]+) kB.*", "$1")) >> 10;
    }

    @Override
    public void close() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }
}
