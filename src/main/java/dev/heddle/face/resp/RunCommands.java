package dev.heddle.face.resp;

import dev.heddle.command.CommandEnd;
import dev.heddle.command.RefusedException;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespVersion;
import dev.heddle.service.CommandRequest;
import dev.heddle.service.CommandService;
import dev.heddle.service.HeldResult;
import dev.heddle.service.JobHandle;
import dev.heddle.service.Pending;

import java.io.IOException;
import java.util.Optional;

/**
 * Executes RUN, SH and JOB START. A command that ran is answered with an array, whatever became of it; an error means
 * that nothing ran.
 */
final class RunCommands {
    /** Answers with what a command has come to. */
    interface Answer<T> {
        void send(Call call, T result) throws IOException;
    }

    /**
     * A command that was asked for. Its holder executes it or abandons it, once.
     *
     * @param answer of what is pending
     */
    record Asked<T>(Pending<T> pending, Answer<T> answer) {
        void execute(Call call) throws RefusedException, IOException, InterruptedException {
            Optional<T> result = pending.await(call.cancellation());
            if (result.isPresent()) {
                answer.send(call, result.get());
            }
        }
    }

    private final CommandService service;

    RunCommands(CommandService service) {
        this.service = service;
    }

    /** Asks for the command of a RUN or SH that does not stream. */
    Asked<HeldResult> run(ClientState client, RunOptions options) throws RefusedException {
        return new Asked<>(service.run(client.caller(), client.grant(), request(options)), (call, held) -> {
            try (held) {
                call.send(RunReply.of(held.result()));
            }
        });
    }

    /** Asks for a job. */
    Asked<JobHandle> start(ClientState client, RunOptions options) throws RefusedException {
        return new Asked<>(service.start(client.caller(), client.grant(), request(options)),
                (call, job) -> call.reply(BulkString.of(job.id())));
    }

    private CommandRequest request(RunOptions options) {
        return new CommandRequest(options.command(service.keptBytes(options.maxOutput())),
                options.form() == RunOptions.Form.SH, options.id(), options.request(), options.name());
    }

    /** Runs a command whose output goes to the client as it comes. */
    void stream(Call call, RunOptions options) throws RefusedException, IOException, InterruptedException {
        if (call.stream().isEmpty() || call.client().version() != RespVersion.RESP3) {
            call.error("ERR STREAM needs RESP3: send HELLO 3 first, and wait for its reply");
            return;
        }
        CommandEnd end = call.stream().get().run(service, request(options));
        call.reply(RunReply.of(end, 0));
    }
}
