package dev.heddle.cli.remote;

import dev.heddle.cli.local.ExitCodes;

import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heddle kill}: sends a job a signal. */
@Command(name = "kill", description = "Send a signal to all processes of a job.", sortOptions = false,
        exitCodeOnInvalidInput = ExitCodes.CONNECTION)
public final class KillCommand implements Callable<Integer> {
    @Mixin
    private ServerOption server;

    @Option(names = {"-s", "--signal"}, paramLabel = "SIGNAL", defaultValue = "TERM",
            description = "INT, KILL, USR1 and so on, or a number. Default: TERM.")
    private String signal;

    @Parameters(paramLabel = "JOB", description = "The job's ID or name.")
    private String job;

    @Override
    public Integer call() {
        return server.talk(client -> {
            client.job(job).signal(signal);
            return ExitCodes.OK;
        });
    }
}
