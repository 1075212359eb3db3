package dev.heddle.face.resp;

import dev.heddle.command.RefusedException;
import dev.heddle.command.CommandEnd;
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
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code JOB}: commands that are started now and looked at later, each by its id. */
final class JobCommands implements RespCommand {
    private static final int DEFAULT_READ_BYTES = 64 << 10;
    private static final int MAX_READ_BYTES = 1 << 20;
    /** The objects of a job in a list, and those of each word: the words themselves are the job's. */
    private static final int INFO_BYTES = 512;
    private static final int WORD_BYTES = 24;
    /** How long a write waits for a program that does not read; then the client is told how far it came. */
    private static final Duration WRITE_WAIT = Duration.ofSeconds(1);
    private static final Duration UNBOUNDED = Duration.ofDays(365);
    private static final String SUBCOMMANDS =
            "Try START, READ, WRITE, EOF, SIGNAL, WAIT, INFO, LIST, RM.";

    private final Jobs jobs;
    private final CommandRunner runner;

    JobCommands(Jobs jobs, CommandRunner runner) {
        this.jobs = jobs;
        this.runner = runner;
    }

    /** A subcommand that concerns one job. */
    private interface OnJob {
        void execute(Call call, Job job) throws IOException, InterruptedException, RunOptions.SyntaxException;
    }

    @Override
    public void execute(Call call) throws IOException, InterruptedException {
        RunErrors.answer(call, () -> {
            switch (call.text(1).toUpperCase(Locale.ROOT)) {
                case "START" -> start(call);
                case "LIST" -> list(call);
                case "READ" -> onJob(call, 4, 8, this::read);
                case "WRITE" -> onJob(call, 5, 5, this::write);
                case "EOF" -> onJob(call, 3, 3, this::eof);
                case "SIGNAL" -> onJob(call, 4, 4, this::signal);
                case "WAIT" -> onJob(call, 3, 4, this::await);
                case "INFO" -> onJob(call, 3, 3, (c, job) -> c.reply(info(job)));
                case "RM" -> onJob(call, 3, 3, this::remove);
                default -> call.error("ERR unknown subcommand '" + call.text(1) + "'. " + SUBCOMMANDS);
            }
        });
    }

    private void onJob(Call call, int minWords, int maxWords, OnJob subcommand)
            throws IOException, InterruptedException, RunOptions.SyntaxException {
        if (call.size() < minWords || call.size() > maxWords) {
            call.error("ERR wrong number of arguments for 'job|" + call.text(1).toLowerCase(Locale.ROOT)
                    + "' command");
            return;
        }
        Optional<Job> job = jobs.find(call.client().user(), call.text(2));
        if (job.isPresent()) {
            subcommand.execute(call, job.get());
        } else {
            call.client().followedJobs().remove(call.text(2));
            call.error(noSuchJob(call.text(2)));
        }
    }

    static String noSuchJob(String id) {
        return "NOJOB no such job '" + id + "'";
    }

    private void start(Call call) throws RunOptions.SyntaxException, RefusedException, IOException, InterruptedException {
        RunOptions options = RunOptions.parse(call.words(), RunOptions.Form.JOB_START, runner.limits());
        ClientState client = call.client();
        Job job = jobs.start(client.origin(), RunCommands.permitted(call, runner, options.command(), false),
                options.id().map(id -> RequestId.of(client.user(), id, call.words())));
        call.reply(BulkString.of(job.id()));
    }

    /** {@code JOB READ id cursor [MAX bytes] [BLOCK ms]}. */
    private void read(Call call, Job job) throws IOException, InterruptedException, RunOptions.SyntaxException {
        long cursor = number(call, 3, "a cursor", RunOptions.MAX_NUMBER);
        int maxBytes = DEFAULT_READ_BYTES;
        Duration maxWait = Duration.ZERO;
        for (int i = 4; i < call.size(); i += 2) {
            if (i + 1 == call.size()) {
                throw new RunOptions.SyntaxException(call.text(i) + " needs a value");
            } else if (call.is(i, "MAX")) {
                maxBytes = (int) Math.clamp(number(call, i + 1, "MAX", RunOptions.MAX_NUMBER), 1, MAX_READ_BYTES);
            } else if (call.is(i, "BLOCK")) {
                maxWait = millis(call, i + 1, "BLOCK");
            } else {
                throw new RunOptions.SyntaxException("unknown option '" + call.text(i) + "'; known: MAX bytes,"
                        + " BLOCK ms");
            }
        }
        call.client().followedJobs().add(job.id()); // and not only once it has been told that the job runs
        try (JobLog.Page page = job.log().read(cursor, maxBytes, maxWait, call.cancellation(),
                call.client().share())) {
            told(call, job, page.end());
            List<RespValue> chunks = new ArrayList<>();
            for (JobLog.Chunk chunk : page.chunks()) {
                chunks.add(ArrayReply.of(new IntegerReply(chunk.stream()), new IntegerReply(chunk.offset()),
                        new BulkString(chunk.bytes())));
            }
            call.send(ArrayReply.of(new IntegerReply(page.next()), state(page.end()), code(page.end()),
                    new ArrayReply(chunks)));
        } catch (IndexOutOfBoundsException e) {
            call.error("ERR cursor " + cursor + ": " + e.getMessage());
        }
    }

    private static RespValue state(Optional<CommandEnd> end) {
        return end.map(e -> RunReply.state(e.outcome())).orElse(RunReply.RUNNING);
    }

    private static RespValue code(Optional<CommandEnd> end) {
        return end.map(e -> RunReply.code(e.outcome())).orElse(RespValue.Null.NULL);
    }

    /** {@code JOB WRITE id offset bytes}. */
    private void write(Call call, Job job) throws IOException, InterruptedException, RunOptions.SyntaxException {
        long offset = number(call, 3, "an offset", RunOptions.MAX_NUMBER);
        Optional<JobInput> input = job.input();
        if (input.isEmpty()) {
            call.error("ERR the job's stdin came with JOB START");
            return;
        }
        try {
            call.reply(new IntegerReply(input.get().write(offset, call.bytes(4), WRITE_WAIT, call.cancellation())));
        } catch (JobInput.RefusedWriteException e) {
            call.error("ERR " + e.getMessage());
        }
    }

    private void eof(Call call, Job job) throws IOException {
        job.input().ifPresent(JobInput::end);
        call.ok();
    }

    /** {@code JOB SIGNAL id name}. */
    private void signal(Call call, Job job) throws IOException {
        OptionalInt signal = Signals.parse(call.text(3));
        if (signal.isEmpty()) {
            call.error("ERR there is no signal '" + call.text(3) + "'");
            return;
        }
        SignalOutcome outcome = job.signal(signal.getAsInt());
        switch (outcome) {
            case SENT -> call.ok();
            case REFUSED, PARTLY_REFUSED -> call.error(RunErrors.notPermitted(call.text(3), outcome));
            case NO_PROCESS -> call.error(job.end().isPresent() ? "ERR the job has ended"
                    : "ERR the job has no process: it has not started, or is about to end");
        }
    }

    /** {@code JOB WAIT id [ms]}. */
    private void await(Call call, Job job) throws IOException, InterruptedException, RunOptions.SyntaxException {
        Duration maxWait = call.size() == 4 ? millis(call, 3, "WAIT") : UNBOUNDED;
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

    private static Duration millis(Call call, int index, String what) throws RunOptions.SyntaxException {
        return Duration.ofMillis(number(call, index, what, UNBOUNDED.toMillis()));
    }

    private static long number(Call call, int index, String what, long max) throws RunOptions.SyntaxException {
        return RunOptions.number(what, call.bytes(index), 0, max);
    }
}
