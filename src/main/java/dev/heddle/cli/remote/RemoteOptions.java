package dev.heddle.cli.remote;

import dev.heddle.cli.local.StandardInput;
import dev.heddle.cli.local.StandardOutput;
import dev.heddle.cli.local.StopSignals;
import dev.heddle.client.ErrorReplyException;
import dev.heddle.client.HeddleClient;
import dev.heddle.client.RunRequest;

import java.io.IOException;
import java.util.Optional;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code heddle run} and {@code heddle sh}, which run a command on this process's own streams. */
final class RemoteOptions {
    @Mixin
    private CommandOptions command;

    @Option(names = {"-n", "--no-stdin"}, description = "Do not read stdin.")
    private boolean noStdin;

    /** Returns the exit code for this process. */
    int run(RunRequest bare) {
        RunRequest refined = command.refine(bare);
        RunRequest request = noStdin ? refined.withStdin(new byte[0]) : refined;
        return command.server().talk(client -> run(client, request));
    }

    private int run(HeddleClient client, RunRequest request) throws IOException, ErrorReplyException {
        RemoteRun remote = new RemoteRun(client);
        StopSignals.forward((name, number) -> {
            if (!remote.signal(name, number)) {
                System.exit(remote.brokenOff().orElseThrow()); // here: main may be stuck in writing to stdout
            }
        });
        try {
            return RemoteResult.show(remote.run(request,
                    noStdin ? Optional.empty() : Optional.of(StandardInput.bare()), StandardOutput.OUT));
        } catch (IOException e) {
            if (remote.brokenOff().isPresent()) {
                return remote.brokenOff().getAsInt();
            }
            throw e;
        }
    }
}
