package dev.heddle.service;

import dev.heddle.access.Grant;
import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.job.Job;
import dev.heddle.job.Jobs;
import dev.heddle.job.RequestId;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.run.Admission;
import dev.heddle.run.CommandCounts;
import dev.heddle.run.CommandRunner;
import dev.heddle.time.Deadline;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

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
                ? new RunWithId(jobs, jobs.run(caller, command, id.get(), grant.maxConcurrent()))
                : new DirectRun(runner, runner.admit(caller, command, grant.maxConcurrent()), caller, command);
    }

    /**
     * Starts a job: a command that goes on without the caller, and is found again by its ID or name.
     *
     * @throws RefusedException when nothing was started, nor will be
     */
    public Pending<JobHandle> start(Caller caller, Grant grant, CommandRequest request) throws RefusedException {
        Command command = permitted(caller, grant, request);
        return new StartingJob(jobs, jobs.start(caller, command, requestId(caller, request), grant.maxConcurrent()));
    }

    /**
     * Starts a command for one client, who is attached to it and with whom it ends. Does not block.
     *
     * @return the command's ID
     * @throws RefusedException when nothing was started, nor will be
     */
    public String stream(Caller caller, Grant grant, CommandRequest request, Attachment<?> attachment)
            throws RefusedException {
        Command command = permitted(caller, grant, request);
        if (command.stdin().isEmpty() && !attachment.reserveInput()) {
            throw RefusedException.busy("the memory for stdin is used up");
        }
        Job job = jobs.stream(caller, command, grant.maxConcurrent());
        attachment.bind(job, 0, true);
        return job.id();
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

    /**
     * Decides how much is kept of each stream of a command.
     *
     * @param askedBytes what the caller asks for; empty for what is usual
     */
    public int keptBytes(OptionalLong askedBytes) {
        return askedBytes.isPresent() ? (int) Math.min(askedBytes.getAsLong(), runner.limits().maxOutputBytes())
                : runner.limits().defaultOutputBytes();
    }

    /** The memory of a user, which everything that their clients make the server hold counts in. */
    public MemoryBudget share(String user) {
        return runner.budget().share(user);
    }

    public ServiceStatus status() {
        Admission.Load load = runner.admission().load();
        CommandCounts counts = runner.counts();
        return new ServiceStatus(runner.engine().name(), load.running(), runner.limits().maxRunning(),
                load.waitingForSlot(), load.waitingForStart(), jobs.running(), counts.started(), counts.ended(),
                counts.refused(), counts.outputBytes(), counts.refusedSignals(), counts.leftRunning(),
                runner.budget().reservedBytes(), runner.budget().maxBytes());
    }

    /** Refuses commands from now on, but for those that run or wait already. */
    public void refuseNew() {
        runner.admission().refuseNew();
    }

    /** Ends all commands that go on without a client. Does not wait for it. */
    public void cancelBackground() {
        jobs.cancelAll();
    }

    /** Waits until no command goes on without a client; false when the time was up before. */
    public boolean awaitBackground(Deadline deadline) throws InterruptedException {
        return jobs.awaitBackground(deadline);
    }

    /** Waits until every command has ended, one that ends with its client too; false when the time was up before. */
    public boolean awaitIdle(Deadline deadline) throws InterruptedException {
        return jobs.awaitIdle(deadline);
    }

    /** How long it takes at most to end a command that does not end by itself. */
    public Duration stopTime() {
        return runner.limits().killGrace().multipliedBy(2);
    }
}
