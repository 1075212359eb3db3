package dev.heddle.face.resp;

import dev.heddle.command.CommandEnd;
import dev.heddle.command.RefusedException;
import dev.heddle.command.SignalOutcome;
import dev.heddle.command.Signals;
import dev.heddle.memory.Page;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.service.Attachment;
import dev.heddle.service.CommandService;
import dev.heddle.service.JobHandle;

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

    private final CommandService service;

    JobCommands(CommandService service) {
        this.service = service;
    }

    void execute(Call call, JobVerb verb) throws RefusedException, IOException, InterruptedException {
        switch (verb) {
            case JobVerb.ListAll list -> list(call);
            case JobVerb.OnJob one -> {
                JobHandle job;
                try {
                    job = service.find(call.client().caller(), one.id());
                } catch (RefusedException e) {
                    call.client().unfollow(one.id());
                    throw e;
                }
                execute(call, one, job);
            }
        }
    }

    private void execute(Call call, JobVerb.OnJob verb, JobHandle job)
            throws RefusedException, IOException, InterruptedException {
        switch (verb) {
            case JobVerb.Read read -> read(call, job, read);
            case JobVerb.Write write -> write(call, job, write);
            case JobVerb.Eof eof -> {
                job.endInput();
                call.ok();
            }
            case JobVerb.Signal signal -> signal(call, job, signal.signal());
            case JobVerb.Wait wait -> await(call, job, wait.maxWait());
            case JobVerb.Info info -> call.reply(info(job));
            case JobVerb.Remove remove -> remove(call, job);
            case JobVerb.Attach attach -> attach(call, job, attach);
        }
    }

    private static void read(Call call, JobHandle job, JobVerb.Read read) throws IOException, InterruptedException {
        call.client().follow(job.id()); // and not only once it has been told that the job runs
        try (Page page = job.read(read.cursor(), read.maxBytes(), read.maxWait(),
                call.cancellation(), call.client().share())) {
            told(call, job, page.end());
            List<RespValue> chunks = new ArrayList<>();
            for (Page.Piece piece : page.pieces()) {
                chunks.add(ArrayReply.of(new IntegerReply(piece.stream()), new IntegerReply(piece.offset()),
                        new RespValue.BulkPieces(piece.bytes())));
            }
            call.send(ArrayReply.of(new IntegerReply(page.next()), RunReply.state(page.end()),
                    RunReply.code(page.end()), new ArrayReply(chunks)));
        } catch (IndexOutOfBoundsException e) {
            call.error("ERR cursor " + read.cursor() + ": " + e.getMessage());
        }
    }

    private static void write(Call call, JobHandle job, JobVerb.Write write)
            throws RefusedException, IOException, InterruptedException {
        if (!job.takesInput()) {
            call.error("ERR the job's stdin came with JOB START");
            return;
        }
        call.reply(new IntegerReply(job.write(write.offset(), write.bytes(), WRITE_WAIT, call.cancellation())));
    }

    private static void signal(Call call, JobHandle job, String name) throws IOException {
        OptionalInt signal = Signals.parse(name);
        if (signal.isEmpty()) {
            call.error("ERR there is no signal '" + name + "'");
            return;
        }
        SignalOutcome outcome = job.signal(signal.getAsInt());
        switch (outcome) {
            case SENT -> call.ok();
            case REFUSED, PARTLY_REFUSED -> call.error(ErrorTexts.notPermitted(name, outcome));
            case NO_PROCESS -> call.error(job.end().isPresent() ? "ERR the job has ended"
                    : "ERR the job has no process: it has not started, or is about to end");
        }
    }

    private static void await(Call call, JobHandle job, Duration maxWait) throws IOException, InterruptedException {
        call.client().follow(job.id());
        Optional<CommandEnd> end = job.awaitEnd(maxWait, call.cancellation());
        told(call, job, end);
        call.reply(end.map(e -> RunReply.of(e, job.bytesLeftOut())).orElse(RunReply.running()));
    }

    private void attach(Call call, JobHandle job, JobVerb.Attach verb)
            throws RefusedException, IOException, InterruptedException {
        if (call.stream().isEmpty()) {
            call.error("ERR ATTACH needs RESP3: send HELLO 3 first, and wait for its reply");
            return;
        }
        long outputBytes = job.outputBytes();
        long from = verb.tail().isPresent() ? Math.max(0, outputBytes - verb.tail().getAsLong()) : verb.from();
        if (from > outputBytes) {
            call.error("ERR offset " + from + ": the output ends at " + outputBytes);
            return;
        }
        AttachedStream stream = call.stream().get();
        stream.isOf(job.id());
        job.attach(stream.attachment(), from, !verb.readOnly());
        call.client().follow(job.id());
        call.client().runs(job.id());
        Attachment.Delivery<RespValue.Push> last;
        try {
            last = stream.deliver(true);
        } finally {
            call.client().runs("");
            call.client().unfollow(job.id());
        }
        call.reply(last.end().map(end -> RunReply.of(end, job.bytesLeftOut()))
                .orElse(new RespValue.SimpleString("DETACHED")));
    }

    /** A client that has heard of no end comes back for it. */
    private static void told(Call call, JobHandle job, Optional<CommandEnd> end) {
        if (end.isPresent()) {
            call.client().unfollow(job.id());
        }
    }

    private void remove(Call call, JobHandle job) throws IOException, InterruptedException {
        if (job.remove()) {
            call.client().unfollow(job.id());
            call.ok();
        } else {
            call.error("ERR the job is running: end it with JOB SIGNAL first");
        }
    }

    private void list(Call call) throws IOException {
        List<JobHandle> list = service.list(call.client().caller());
        long bytes = list.stream().mapToLong(job -> INFO_BYTES + job.command().argv().size() * (long) WORD_BYTES).sum();
        call.sendCounted(bytes, () -> new ArrayReply(list.stream().map(JobCommands::info).toList()));
    }

    private static RespValue info(JobHandle job) {
        Optional<CommandEnd> end = job.end();
        List<RespValue> argv = new ArrayList<>();
        job.command().argv().forEach(word -> argv.add(new BulkString(word)));
        return ArrayReply.of(BulkString.of(job.id()), RunReply.state(end), RunReply.code(end), new ArrayReply(argv),
                new IntegerReply(job.begun().toEpochMilli()),
                job.ended().<RespValue>map(ended -> new IntegerReply(ended.toEpochMilli()))
                        .orElse(RespValue.Null.NULL),
                new IntegerReply(job.outputBytes()), new IntegerReply(job.bytesLeftOut()),
                job.name().<RespValue>map(BulkString::of).orElse(RespValue.Null.NULL));
    }
}
