package dev.heddle.cli.remote;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.client.RunRequest;

import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code heddle run}: runs a program on the server as if it ran here. */
@Command(name = "run", description = "Run a program on a server, as if it ran here.", sortOptions = false,
        usageHelpWidth = 100, exitCodeOnInvalidInput = ExitCodes.CONNECTION,
        footer = {"", "Exit codes: those of the program; 128+N when signal N killed it; 124 when its time was up;",
            "125 when the server refused to run it, or ended it; 126 and 127 when it cannot be executed or found;",
            "141 when the reader of stdout has left; 255 for trouble with the connection, a refused login, or a",
            "mistake in these arguments."})
public final class RunCommand implements Callable<Integer> {
    @Mixin
    private RemoteOptions remote;

    @Parameters(arity = "1..*", paramLabel = "ARGV", description = "The program and its arguments.")
    private List<String> argv;

    @Override
    public Integer call() {
        return remote.run(RunRequest.program(argv));
    }
}
