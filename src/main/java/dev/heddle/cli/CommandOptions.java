package dev.heddle.cli;

import dev.heddle.client.RunRequest;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the commands that start something on a server share: where and how to run it. */
final class CommandOptions {
    @Mixin
    private ServerOption server;

    @Option(names = {"-C", "--directory"}, paramLabel = "DIR", description = "Run in this directory.")
    private Optional<String> directory;

    @Option(names = {"-e", "--env"}, paramLabel = "NAME=VALUE", description = "Set a variable; may be repeated.")
    private Map<String, String> environment = new LinkedHashMap<>();

    @Option(names = {"-t", "--timeout"}, paramLabel = "TIME", description = "End the command after 500ms, 2s, 1m…")
    private Optional<Duration> timeout;

    ServerOption server() {
        return server;
    }

    /** The request with what the options say. */
    RunRequest refine(RunRequest bare) {
        RunRequest request = bare.withEnvironment(environment);
        if (directory.isPresent()) {
            request = request.withDirectory(directory.get());
        }
        return timeout.isPresent() ? request.withTimeout(timeout.get()) : request;
    }
}
