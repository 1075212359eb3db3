package dev.heddle.cli;

import dev.heddle.client.HeddleClient;
import dev.heddle.client.RefusedException;
import dev.heddle.client.RunRequest;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code heddle run} and {@code heddle sh} share: where and how to run, and with what stdin. */
final class RemoteOptions {
    private static final int MAX_OUTPUT_BYTES = 64 << 20;
    /** What the server takes as one request, less room for the other words. */
    private static final int MAX_STDIN_BYTES = 60 << 20;

    @Mixin
    private ServerOption server;

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
            try (HeddleClient client = server.connect()) {
                return RemoteResult.show(client.run(request));
            }
        } catch (RefusedException e) {
            return RemoteResult.show(e);
        } catch (IOException e) {
            return server.failed(e);
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
        // Somebody at a terminal has typed nothing yet: the command gets no stdin rather than waiting for it.
        return noStdin || StandardInput.isTerminal() ? request : request.withStdin(readStdin());
    }

    private static byte[] readStdin() throws IOException {
        try (InputStream in = StandardInput.open()) {
            byte[] bytes = in.readNBytes(MAX_STDIN_BYTES + 1);
            if (bytes.length > MAX_STDIN_BYTES) {
                throw new IOException("stdin is longer than " + MAX_STDIN_BYTES + " bytes");
            }
            return bytes;
        }
    }
}
