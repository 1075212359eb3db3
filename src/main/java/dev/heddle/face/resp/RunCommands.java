package dev.heddle.face.resp;

import dev.heddle.command.CommandEnd;
import dev.heddle.command.RefusedException;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.Words;
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
    /** A command that was asked for. Its holder executes it or abandons it, once. */
    interface Asked {
        /** The command's ID. */
        String id();

        /** Runs an action, once, when a thread is needed for {@link #execute}, see {@link Pending#whenReady}. */
        void whenReady(Runnable action);

        /** Waits for what was asked for and answers. */
        void execute(Call call) throws RefusedException, IOException, InterruptedException;

        void abandon();
    }

    /** Answers with what a command has come to. */
    private interface Answer<T> {
        void send(Call call, T result) throws IOException;
    }

    /** A command that is answered once. */
    private record AskedOnce<T>(Pending<T> pending, Answer<T> answer) implements Asked {
        @Override
        public String id() {
            return pending.id();
        }

        @Override
        public void whenReady(Runnable action) {
            pending.whenReady(action);
        }

        @Override
        public void execute(Call call) throws RefusedException, IOException, InterruptedException {
            Optional<T> result = pending.await(call.cancellation());
            if (result.isPresent()) {
                answer.send(call, result.get());
            }
        }

        @Override
        public void abandon() {
            pending.abandon();
        }
    }

    /** A command whose output goes to the client as it comes. */
    private record AskedStream(String id, AttachedStream stream) implements Asked {
        @Override
        public void whenReady(Runnable action) {
            stream.attachment().whenReady(action);
        }

        @Override
        public void execute(Call call) throws RefusedException, IOException, InterruptedException {
            CommandEnd end = stream.deliver(false).end().orElseThrow(); // its client cannot leave it
            call.reply(RunReply.of(end, 0));
        }

        @Override
        public void abandon() {
            stream.close();
        }
    }

    /** A command that is refused; the one who executes it hears of it. */
    static Asked refused(RefusedException refusal) {
        return new Asked() {
            @Override
            public String id() {
                return "";
            }

            @Override
            public void whenReady(Runnable action) {
                action.run();
            }

            @Override
            public void execute(Call call) throws RefusedException {
                throw refusal;
            }

            @Override
            public void abandon() {
                // Nothing was asked for.
            }
        };
    }

    /** Waits for a command and answers; the client is shown with the command's ID meanwhile. */
    static void execute(Call call, Asked asked) throws RefusedException, IOException, InterruptedException {
        call.client().runs(asked.id());
        try {
            asked.execute(call);
        } finally {
            call.client().runs("");
        }
    }

    private final CommandService service;

    RunCommands(CommandService service) {
        this.service = service;
    }

    /** Asks for the command of a RUN or SH that does not stream. */
    Asked run(ClientState client, RunOptions options) throws RefusedException {
        return new AskedOnce<HeldResult>(service.run(client.caller(), client.grant(), request(options)), (call, held) -> {
            try (held) {
                call.send(RunReply.of(held.result()));
            }
        });
    }

    /** Asks for a job. */
    Asked start(ClientState client, RunOptions options) throws RefusedException {
        return new AskedOnce<JobHandle>(service.start(client.caller(), client.grant(), request(options)),
                (call, job) -> call.reply(BulkString.of(job.id())));
    }

    private CommandRequest request(RunOptions options) {
        return new CommandRequest(options.command(service.keptBytes(options.maxOutput())),
                options.form() == RunOptions.Form.SH, options.id(), Words.inPieces(options.request()));
    }

    /** Asks for the command of a RUN or SH that streams. */
    Asked stream(ClientState client, RunOptions options, AttachedStream stream) throws RefusedException {
        return new AskedStream(service.stream(client.caller(), client.grant(), request(options), stream.attachment()),
                stream);
    }
}
