package dev.heddle.cli.remote;

import dev.heddle.cli.local.ExitCodes;

import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code heddle wait}: waits for a job's end. */
@Command(name = "wait", description = "Wait for a job's end, and exit with its code.", sortOptions = false,
        exitCodeOnInvalidInput = ExitCodes.CONNECTION, footer = {"", "Exit codes: as those of 'heddle run'."})
public final class WaitCommand implements Callable<Integer> {
    @Mixin
    private ServerOption server;

    @Parameters(paramLabel = "JOB", description = "The job's ID or name.")
    private String job;

    @Override
    public Integer call() {
        return server.talk(client -> RemoteResult.show(client.job(job).await().outcome()));
    }
}
