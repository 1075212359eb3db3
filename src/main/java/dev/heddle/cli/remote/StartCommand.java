package dev.heddle.cli.remote;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.cli.local.StandardInput;
import dev.heddle.cli.local.StandardOutput;
import dev.heddle.client.ErrorReplyException;
import dev.heddle.client.HeddleClient;
import dev.heddle.client.RemoteJob;
import dev.heddle.client.RunRequest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heddle start}: starts a job and prints its ID. */
@Command(name = "start", description = "Start a program on a server as a job; print the job's ID.",
        sortOptions = false, usageHelpWidth = 100, exitCodeOnInvalidInput = ExitCodes.CONNECTION,
        footer = {"", "The job lives on without this client: see 'heddle jobs', 'logs', 'wait' and 'kill'.",
            "Exit codes when it was not started: as those of 'heddle run'."})
public final class StartCommand implements Callable<Integer> {
    private static final int CHUNK_BYTES = 64 << 10;

    @Mixin
    private CommandOptions command;

    @Option(names = {"-i", "--stdin"}, description = "Send stdin to the job. Otherwise its stdin is empty.")
    private boolean stdin;

    @Option(names = "--id", paramLabel = "TOKEN",
            description = "Safe to start again with the same token: one job is started, and its ID printed each time.")
    private Optional<String> token;

    @Option(names = "--name", paramLabel = "WORD",
            description = "A name for the job, taken wherever its ID is; no other job of yours may run under it.")
    private Optional<String> name;

    @Parameters(arity = "1..*", paramLabel = "ARGV", description = "The program and its arguments.")
    private List<String> argv;

    @Override
    public Integer call() {
        RunRequest refined = command.refine(RunRequest.program(argv));
        RunRequest named = name.map(refined::withName).orElse(refined);
        RunRequest identified = token.map(named::withId).orElse(named);
        RunRequest request = stdin ? identified : identified.withStdin(new byte[0]);
        return command.server().talk(client -> start(client, request));
    }

    private int start(HeddleClient client, RunRequest request) throws IOException, ErrorReplyException {
        RemoteJob job = client.startJob(request);
        StandardOutput.OUT.write((job.id() + "\n").getBytes(StandardCharsets.UTF_8));
        if (stdin) {
            feed(job);
        }
        return ExitCodes.OK;
    }

    /** It is not a failure when the job does not read all of stdin, as in {@code yes | head -1}. */
    private static void feed(RemoteJob job) throws IOException {
        try (InputStream in = StandardInput.bare()) {
            byte[] chunk = new byte[CHUNK_BYTES];
            long offset = 0;
            for (int n = in.read(chunk, 0, CHUNK_BYTES); n >= 0; n = in.read(chunk, 0, CHUNK_BYTES)) {
                offset = job.write(offset, Arrays.copyOf(chunk, n));
            }
            job.endInput();
        } catch (ErrorReplyException e) {
            return; // the job has closed its stdin, or ended
        }
    }
}
