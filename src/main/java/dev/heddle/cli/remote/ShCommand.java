package dev.heddle.cli.remote;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.client.RunRequest;

import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code heddle sh}: runs a shell script on the server as if it ran here. */
@Command(name = "sh", description = "Run a shell script on a server, as if it ran here.", sortOptions = false,
        usageHelpWidth = 100, exitCodeOnInvalidInput = ExitCodes.CONNECTION,
        footer = {"", "Exit codes: as those of 'heddle run'."})
public final class ShCommand implements Callable<Integer> {
    @Mixin
    private RemoteOptions remote;

    @Parameters(index = "0", paramLabel = "SCRIPT", description = "The script, as after 'sh -c'.")
    private String script;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "ARG", description = "Its arguments: $1, $2…")
    private List<String> arguments = List.of();

    @Override
    public Integer call() {
        return remote.run(RunRequest.script(script, arguments));
    }
}
