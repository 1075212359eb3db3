package dev.heddle.face.resp;

import dev.heddle.command.CommandEnd;
import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.command.SignalOutcome;
import dev.heddle.command.Signals;
import dev.heddle.job.Job;
import dev.heddle.job.JobInput;
import dev.heddle.job.JobLog;
import dev.heddle.job.Jobs;
import dev.heddle.job.RequestId;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.run.CommandRunner;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Executes {@code JOB}: commands that are started now and looked at later, each by its id. */
final class JobCommands {
    /** The objects of a job in a list, and those of each word: the words themselves are the job's. */
    private static final int INFO_BYTES = 512;
    private static final int WORD_BYTES = 24;
    /** How long a write waits for a program that does not read; then the client is told how far it came. */
    private static final Duration WRITE_WAIT = Duration.ofSeconds(1);

    private final Jobs jobs;
    private final CommandRunner runner;

    JobCommands(Jobs jobs, CommandRunner runner) {
        this.jobs = jobs;
        this.runner = runner;
    }

    void execute(Call call, JobVerb verb) throws RefusedException, IOException, InterruptedException {
        switch (verb) {
            case JobVerb.Start start -> start(call, start.options());
            case JobVerb.ListAll list -> list(call);
            case JobVerb.OnJob one -> {
                Optional<Job> job = jobs.find(call.client().user(), one.id());
                if (job.isPresent()) {
                    execute(call, one, job.get());
                } else {
                    call.client().followedJobs().remove(one.id());
                    call.error(noSuchJob(one.id()));
                }
            }
        }
    }

    private void execute(Call call, JobVerb.OnJob verb, Job job)
            throws RefusedException, IOException, InterruptedException {
        switch (verb) {
            case JobVerb.Read read -> read(call, job, read);
            case JobVerb.Write write -> write(call, job, write);
            case JobVerb.Eof eof -> {
                job.input().ifPresent(JobInput::end);
                call.ok();
            }
            case JobVerb.Signal signal -> signal(call, job, signal.signal());
            case JobVerb.Wait wait -> await(call, job, wait.maxWait());
            case JobVerb.Info info -> call.reply(info(job));
            case JobVerb.Remove remove -> remove(call, job);
            case JobVerb.Attach attach ->
                    throw new RefusedException(Refusal.UNSUPPORTED, "JOB ATTACH is not there yet");
        }
    }

    static String noSuchJob(String id) {
        return "NOJOB no such job '" + id + "'";
    }

    private void start(Call call, RunOptions options) throws RefusedException, IOException, InterruptedException {
        ClientState client = call.client();
        Job job = jobs.start(client.origin(), RunCommands.permitted(call, runner, options),
                options.id().map(id -> RequestId.of(client.user(), id, options.request())));
        call.reply(BulkString.of(job.id()));
    }

    private static void read(Call call, Job job, JobVerb.Read read) throws IOException, InterruptedException {
        call.client().followedJobs().add(job.id()); // and not only once it has been told that the job runs
        try (JobLog.Page page = job.log().read(read.cursor(), read.maxBytes(), read.maxWait(),
                call.cancellation(), call.client().share())) {
            told(call, job, page.end());
            List<RespValue> chunks = new ArrayList<>();
            for (JobLog.Chunk chunk : page.chunks()) {
                chunks.add(ArrayReply.of(new IntegerReply(chunk.stream()), new IntegerReply(chunk.offset()),
                        new BulkString(chunk.bytes())));
            }
            call.send(ArrayReply.of(new IntegerReply(page.next()), state(page.end()), code(page.end()),
                    new ArrayReply(chunks)));
        } catch (IndexOutOfBoundsException e) {
            call.error("ERR cursor " + read.cursor() + ": " + e.getMessage());
        }
    }

    private static RespValue state(Optional<CommandEnd> end) {
        return end.map(e -> RunReply.state(e.outcome())).orElse(RunReply.RUNNING);
    }

    private static RespValue code(Optional<CommandEnd> end) {
        return end.map(e -> RunReply.code(e.outcome())).orElse(RespValue.Null.NULL);
    }

    private static void write(Call call, Job job, JobVerb.Write write) throws IOException, InterruptedException {
        Optional<JobInput> input = job.input();
        if (input.isEmpty()) {
            call.error("ERR the job's stdin came with JOB START");
            return;
        }
        try {
            call.reply(new IntegerReply(input.get().write(write.offset(), write.bytes(), WRITE_WAIT,
                    call.cancellation())));
        } catch (JobInput.RefusedWriteException e) {
            call.error("ERR " + e.getMessage());
        }
    }

    private static void signal(Call call, Job job, String name) throws IOException {
        OptionalInt signal = Signals.parse(name);
        if (signal.isEmpty()) {
            call.error("ERR there is no signal '" + name + "'");
            return;
        }
        SignalOutcome outcome = job.signal(signal.getAsInt());
        switch (outcome) {
            case SENT -> call.ok();
            case REFUSED, PARTLY_REFUSED -> call.error(RunErrors.notPermitted(name, outcome));
            case NO_PROCESS -> call.error(job.end().isPresent() ? "ERR the job has ended"
                    : "ERR the job has no process: it has not started, or is about to end");
        }
    }

    private static void await(Call call, Job job, Duration maxWait) throws IOException, InterruptedException {
        call.client().followedJobs().add(job.id());
        Optional<CommandEnd> end = job.awaitEnd(maxWait, call.cancellation());
        told(call, job, end);
        call.reply(end.map(e -> RunReply.of(e, job.log().bytesLeftOut())).orElse(RunReply.running()));
    }

    /** A client that has heard of no end comes back for it. */
    private static void told(Call call, Job job, Optional<CommandEnd> end) {
        if (end.isPresent()) {
            call.client().followedJobs().remove(job.id());
        }
    }

    private void remove(Call call, Job job) throws IOException, InterruptedException {
        if (jobs.remove(job)) {
            call.client().followedJobs().remove(job.id());
            call.ok();
        } else {
            call.error("ERR the job is running: end it with JOB SIGNAL first");
        }
    }

    private void list(Call call) throws IOException {
        List<Job> list = jobs.list(call.client().user());
        long bytes = list.stream().mapToLong(job -> INFO_BYTES + job.command().argv().size() * (long) WORD_BYTES).sum();
        call.sendCounted(bytes, () -> new ArrayReply(list.stream().map(JobCommands::info).toList()));
    }

    private static RespValue info(Job job) {
        Optional<CommandEnd> end = job.end();
        List<RespValue> argv = new ArrayList<>();
        job.command().argv().forEach(word -> argv.add(new BulkString(word)));
        return ArrayReply.of(BulkString.of(job.id()), state(end), code(end), new ArrayReply(argv),
                new IntegerReply(job.started().toEpochMilli()),
                job.ended().<RespValue>map(ended -> new IntegerReply(ended.toEpochMilli()))
                        .orElse(RespValue.Null.NULL),
                new IntegerReply(job.log().total()), new IntegerReply(job.log().bytesLeftOut()));
    }
}
