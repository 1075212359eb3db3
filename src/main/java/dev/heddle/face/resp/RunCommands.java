package dev.heddle.face.resp;

import dev.heddle.command.RefusedException;
import dev.heddle.command.Command;
import dev.heddle.command.CommandEnd;
import dev.heddle.job.Jobs;
import dev.heddle.job.RequestId;
import dev.heddle.resp.RespVersion;
import dev.heddle.run.CommandResult;
import dev.heddle.run.CommandRunner;

import java.io.IOException;
import java.util.concurrent.ThreadFactory;

/**
 * RUN and SH: the commands that Heddle is for. A command that ran is answered with an array, whatever became of
 * it; an error means that nothing ran.
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

    void run(Call call) throws IOException, InterruptedException {
        RunErrors.answer(call, () -> execute(call, RunOptions.Form.RUN));
    }

    void sh(Call call) throws IOException, InterruptedException {
        RunErrors.answer(call, () -> execute(call, RunOptions.Form.SH));
    }

    private void execute(Call call, RunOptions.Form form) throws RunOptions.SyntaxException, RefusedException,
            IOException, InterruptedException {
        RunOptions options = RunOptions.parse(call.words(), form, runner.limits());
        Command command = permitted(call, runner, options.command(), form == RunOptions.Form.SH);
        if (options.streams()) {
            stream(call, command);
        } else if (options.id().isPresent()) {
            runOnce(call, command, options.id().get());
        } else {
            try (CommandResult result = runner.run(call.client().origin(), command, call.cancellation())) {
                call.send(RunReply.of(result));
            }
        }
    }

    /** What may run of the command that a client asks for; if nothing, those who watch commands are told. */
    static Command permitted(Call call, CommandRunner runner, Command asked, boolean shell)
            throws RefusedException {
        if (asked.isTooLong()) { // before it is copied for the policy, the kernel and the job that keeps it
            RefusedException tooLong = RefusedException.tooLong();
            runner.observer().refused(call.client().origin(), asked, tooLong);
            throw tooLong;
        }
        try {
            return call.client().permit(asked, shell, runner.searchPath());
        } catch (RefusedException e) {
            runner.observer().refused(call.client().origin(), asked, e);
            throw e;
        }
    }

    /** The run does not end with its client, who may come back for the result. */
    private void runOnce(Call call, Command command, String id)
            throws RefusedException, IOException, InterruptedException {
        jobs.run(call.client().origin(), command, RequestId.of(call.client().user(), id, call.words()),
                call.cancellation(), result -> call.send(RunReply.of(result)));
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
