package dev.heddle.cli.remote;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.cli.local.StandardOutput;
import dev.heddle.client.JobOutput;
import dev.heddle.client.JobSink;
import dev.heddle.client.RemoteJob;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heddle logs}: shows a job's output on this process's own stdout and stderr. */
@Command(name = "logs", description = "Show what a job has printed, on stdout and stderr.", sortOptions = false,
        exitCodeOnInvalidInput = ExitCodes.CONNECTION,
        footer = {"", "Exit codes with -f: as those of 'heddle run'."})
public final class LogsCommand implements Callable<Integer> {
    @Mixin
    private ServerOption server;

    @Option(names = {"-f", "--follow"}, description = "Go on until the job ends, and exit with its code.")
    private boolean follow;

    @Parameters(paramLabel = "JOB", description = "The job's ID or name.")
    private String job;

    @Override
    public Integer call() {
        return server.talk(client -> {
            RemoteJob remote = client.job(job);
            if (follow) {
                return RemoteResult.show(remote.follow(0, new Screen(StandardOutput.LOSSY_ERR)));
            }
            remote.replay(0, new Screen(StandardOutput.ERR));
            return ExitCodes.OK;
        });
    }

    /** Shows output; its stderr drops what cannot be written where the job's exit code matters more. */
    private record Screen(OutputStream stderr) implements JobSink {
        @Override
        public void output(JobOutput.Chunk chunk) throws IOException {
            (chunk.stderr() ? stderr : StandardOutput.OUT).write(chunk.bytes());
        }

        @Override
        public void gap(long bytes) throws IOException {
            stderr.write(("heddle: " + bytes + " bytes of the output are missing here: they were not kept\n")
                    .getBytes(StandardCharsets.US_ASCII));
        }
    }
}
