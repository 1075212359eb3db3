package dev.heddle.cli.remote;

import dev.heddle.client.RunRequest;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of the subcommands that start something on a server: where and how to run it. */
final class CommandOptions {
    @Mixin
    private ServerOption server;

    @Option(names = {"-C", "--directory"}, paramLabel = "DIR", description = "Run in this directory.")
    private Optional<String> directory;

    @Option(names = {"-e", "--env"}, paramLabel = "NAME=VALUE", description = "Set a variable; may be repeated.")
    private List<String> variables = List.of(); // a list, because picocli interprets quotes in a map

    @Option(names = {"-t", "--timeout"}, paramLabel = "TIME", description = "End the command after 500ms, 2s, 1m…")
    private Optional<Duration> timeout;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    ServerOption server() {
        return server;
    }

    RunRequest refine(RunRequest bare) {
        RunRequest request = bare.withEnvironment(environment());
        if (directory.isPresent()) {
            request = request.withDirectory(directory.get());
        }
        return timeout.isPresent() ? request.withTimeout(timeout.get()) : request;
    }

    /** Returns the variables. A name ends at the first '='; the last value of a name counts. */
    private Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String variable : variables) {
            int end = variable.indexOf('=');
            if (end < 0) {
                throw new ParameterException(spec.commandLine(), "Value for option '--env' (NAME=VALUE) should be in"
                        + " KEY=VALUE format but was " + variable);
            }
            environment.put(variable.substring(0, end), variable.substring(end + 1));
        }
        return environment;
    }
}
