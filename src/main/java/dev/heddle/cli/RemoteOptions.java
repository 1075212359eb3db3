package dev.heddle.cli;

import dev.heddle.client.HeddleClient;
import dev.heddle.client.RefusedException;
import dev.heddle.client.RunRequest;
import dev.heddle.client.RunResult;
import dev.heddle.client.RunResult.Ending;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import picocli.CommandLine.Option;

/**
 * What {@code heddle run} and {@code heddle sh} share: where to run, how to run, and how to make the result look
 * as if it had run here.
 */
final class RemoteOptions {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_OUTPUT_BYTES = 64 << 20;
    /** What the server takes as one request, less room for the other words. */
    private static final int MAX_STDIN_BYTES = 60 << 20;

    @Option(names = {"-h", "--host"}, paramLabel = "HOST:PORT",
            defaultValue = "${env:HEDDLE_HOST:-127.0.0.1:7379}",
            description = "The server. Default: $HEDDLE_HOST, else 127.0.0.1:7379.")
    private HostAndPort host;

    @Option(names = {"-C", "--directory"}, paramLabel = "DIR", description = "Run in this directory.")
    private Optional<String> directory;

    @Option(names = {"-e", "--env"}, paramLabel = "NAME=VALUE", description = "Set a variable; may be repeated.")
    private Map<String, String> environment = new LinkedHashMap<>();

    @Option(names = {"-t", "--timeout"}, paramLabel = "TIME", description = "End the command after 500ms, 2s, 1m…")
    private Optional<Duration> timeout;

    @Option(names = {"-n", "--no-stdin"}, description = "Do not read stdin.")
    private boolean noStdin;

    @Option(names = "--help", usageHelp = true, description = "Show this and exit.")
    private boolean help;

    /** Runs the request on the server; returns the exit code for this process. */
    int run(RunRequest bare) {
        try {
            RunRequest request = refine(bare);
            try (HeddleClient client = HeddleClient.connect(host.host(), host.port(), CONNECT_TIMEOUT)) {
                String password = System.getenv("HEDDLE_PASSWORD");
                if (password != null && !password.isEmpty()) {
                    client.authenticate(password);
                }
                return show(client.run(request));
            }
        } catch (RefusedException e) {
            HeddleCommand.complain("heddle: " + e.getMessage());
            return exitCode(e);
        } catch (IOException e) {
            HeddleCommand.complain("heddle: " + host + ": " + e.getMessage());
            return ExitCodes.CONNECTION;
        }
    }

    private RunRequest refine(RunRequest bare) throws IOException {
        RunRequest request = bare.withEnvironment(environment).withMaxOutputBytes(MAX_OUTPUT_BYTES);
        if (directory.isPresent()) {
            request = request.withDirectory(directory.get());
        }
        if (timeout.isPresent()) {
            request = request.withTimeout(timeout.get());
        }
        if (!noStdin && !stdinIsTerminal()) {
            request = request.withStdin(readStdin());
        }
        return request;
    }

    /** Somebody at a terminal has typed nothing yet: the command gets no stdin rather than waiting for it. */
    private static boolean stdinIsTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/0")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return System.console() != null; // no procfs: the best that Java knows
        }
    }

    private static byte[] readStdin() throws IOException {
        // Buffered, because readNBytes of a bare FileInputStream on JDK 21 seeks, which a pipe cannot.
        try (InputStream in = new BufferedInputStream(new FileInputStream(FileDescriptor.in))) {
            byte[] bytes = in.readNBytes(MAX_STDIN_BYTES + 1);
            if (bytes.length > MAX_STDIN_BYTES) {
                throw new IOException("stdin is longer than " + MAX_STDIN_BYTES + " bytes");
            }
            return bytes;
        }
    }

    private static int show(RunResult result) throws IOException {
        write(FileDescriptor.out, result.stdout());
        write(FileDescriptor.err, result.stderr());
        if (result.bytesLeftOut() > 0) {
            HeddleCommand.complain("heddle: the output is not whole: " + result.bytesLeftOut()
                    + " bytes from its middle are missing");
            return ExitCodes.CONNECTION;
        }
        return switch (result.ending()) {
            case Ending.Exited(int code) -> code;
            case Ending.Signaled(int signal) -> ExitCodes.SIGNALED + signal;
            case Ending.TimedOut() -> {
                HeddleCommand.complain("heddle: the command's time was up");
                yield ExitCodes.TIMED_OUT;
            }
            case Ending.Cancelled() -> {
                HeddleCommand.complain("heddle: the server has ended the command");
                yield ExitCodes.REFUSED;
            }
        };
    }

    private static void write(FileDescriptor descriptor, byte[] bytes) throws IOException {
        try (OutputStream out = new KeptOpen(descriptor)) {
            out.write(bytes);
        }
    }

    /** stdout and stderr stay open to the end of the process. */
    private static final class KeptOpen extends FileOutputStream {
        KeptOpen(FileDescriptor descriptor) {
            super(descriptor);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }

    private static int exitCode(RefusedException refused) {
        return switch (refused.code()) {
            case "NOTFOUND" -> ExitCodes.NOT_FOUND;
            case "NOTEXEC", "TOOBIG" -> ExitCodes.NOT_EXECUTABLE;
            case "NOAUTH", "WRONGPASS" -> ExitCodes.CONNECTION;
            case String other -> ExitCodes.REFUSED;
        };
    }
}
