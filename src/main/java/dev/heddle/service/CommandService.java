package dev.heddle.service;

import dev.heddle.access.Grant;
import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.job.Job;
import dev.heddle.job.Jobs;
import dev.heddle.job.RequestId;
import dev.heddle.run.CommandRunner;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The one door to commands, for every face: asks the caller's grant, looks the request's ID up, has the command
 * admitted, started, supervised and observed. A face brings words, framing and the shape of replies, and nothing else.
 *
 * <p><b>Threading:</b> any thread may call any method. What takes its time comes back as something {@link Pending};
 * nothing else blocks, but for the file system where a policy names files.
 */
public final class CommandService {
    private final CommandRunner runner;
    private final Jobs jobs;

    public CommandService(CommandRunner runner, Jobs jobs) {
        this.runner = runner;
        this.jobs = jobs;
    }

    /**
     * Runs a command and keeps its output for the one who waits; with an ID, for those who ask again too.
     *
     * @throws RefusedException when nothing was run, nor will be
     */
    public Pending<HeldResult> run(Caller caller, Grant grant, CommandRequest request) throws RefusedException {
        Command command = permitted(caller, grant, request);
        Optional<RequestId> id = requestId(caller, request);
        return id.isPresent()
                ? new RunWithId(jobs, jobs.run(caller, command, id.get(), request.name(), grant.maxConcurrent()))
                : new DirectRun(runner, runner.admit(caller, command, request.name(), grant.maxConcurrent()), caller,
                        command);
    }

    /**
     * Starts a job: a command that goes on without the caller, and is found again by its ID or name.
     *
     * @throws RefusedException when nothing was started, nor will be
     */
    public Pending<JobHandle> start(Caller caller, Grant grant, CommandRequest request) throws RefusedException {
        Command command = permitted(caller, grant, request);
        return new StartingJob(jobs, jobs.start(caller, command, requestId(caller, request), request.name(),
                grant.maxConcurrent()));
    }

    private static Optional<RequestId> requestId(Caller caller, CommandRequest request) {
        return request.id().map(token -> RequestId.of(caller.user(), token, request.words()));
    }

    /** Decides what may run of the command that a caller asks for; if nothing, the observers hear of it. */
    private Command permitted(Caller caller, Grant grant, CommandRequest request) throws RefusedException {
        Command asked = request.command();
        try {
            if (asked.isTooLong()) { // before it is copied for the policy, the kernel and the job that keeps it
                throw RefusedException.tooLong();
            }
            return grant.permit(asked, request.script(), runner.searchPath());
        } catch (RefusedException e) {
            runner.observer().refused(caller, asked, e);
            throw e;
        }
    }

    /**
     * Finds a job of the caller's user by its ID or its name; those of others do not exist for them.
     *
     * @throws RefusedException when there is none
     */
    public JobHandle find(Caller caller, String idOrName) throws RefusedException {
        Job job = jobs.find(caller.user(), idOrName).orElseThrow(() ->
                new RefusedException(Refusal.NO_SUCH_COMMAND, "no such job '" + idOrName + "'"));
        return new JobHandle(jobs, job);
    }

    /** Lists the jobs of the caller's user, oldest first. */
    public List<JobHandle> list(Caller caller) {
        return jobs.list(caller.user()).stream().map(job -> new JobHandle(jobs, job)).toList();
    }
}
