package dev.heddle.face.resp;

import dev.heddle.command.Command;
import dev.heddle.command.CommandEnd;
import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.job.Jobs;
import dev.heddle.job.RequestId;
import dev.heddle.resp.RespVersion;
import dev.heddle.run.CommandResult;
import dev.heddle.run.CommandRunner;

import java.io.IOException;
import java.util.concurrent.ThreadFactory;

/**
 * Executes RUN and SH. A command that ran is answered with an array, whatever became of it; an error means that nothing
 * ran.
 */
final class RunCommands {
    private final CommandRunner runner;
    private final Jobs jobs;
    private final ThreadFactory threads;

    RunCommands(CommandRunner runner, Jobs jobs, ThreadFactory threads) {
        this.runner = runner;
        this.jobs = jobs;
        this.threads = threads;
    }

    void execute(Call call, RunOptions options) throws RefusedException, IOException, InterruptedException {
        Command command = permitted(call, runner, options);
        if (options.stream()) {
            stream(call, command);
        } else if (options.id().isPresent()) {
            runOnce(call, command, options);
        } else {
            try (CommandResult result = runner.run(call.client().origin(), command, call.cancellation())) {
                call.send(RunReply.of(result));
            }
        }
    }

    /** What may run of the command that a client asks for; if nothing, those who watch commands are told. */
    static Command permitted(Call call, CommandRunner runner, RunOptions options) throws RefusedException {
        Command asked = options.command(runner.limits());
        try {
            if (options.name().isPresent()) {
                throw new RefusedException(Refusal.UNSUPPORTED, "NAME is not there yet");
            }
            if (asked.isTooLong()) { // before it is copied for the policy, the kernel and the job that keeps it
                throw RefusedException.tooLong();
            }
            return call.client().permit(asked, options.form() == RunOptions.Form.SH, runner.searchPath());
        } catch (RefusedException e) {
            runner.observer().refused(call.client().origin(), asked, e);
            throw e;
        }
    }

    /** Runs a command that does not end with its client, who may come back for the result. */
    private void runOnce(Call call, Command command, RunOptions options)
            throws RefusedException, IOException, InterruptedException {
        RequestId id = RequestId.of(call.client().user(), options.id().orElseThrow(), options.request());
        jobs.run(call.client().origin(), command, id, call.cancellation(),
                result -> call.send(RunReply.of(result)));
    }

    private void stream(Call call, Command command)
            throws RefusedException, IOException, InterruptedException {
        if (call.stream().isEmpty() || call.client().version() != RespVersion.RESP3) {
            call.error("ERR STREAM needs RESP3: send HELLO 3 first, and wait for its reply");
            return;
        }
        CommandEnd end = call.stream().get().run(runner, call.client().origin(), command, threads);
        call.reply(RunReply.of(end, 0));
    }
}
