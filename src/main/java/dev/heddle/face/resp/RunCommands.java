package dev.heddle.face.resp;

import dev.heddle.command.RefusedException;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.Words;
import dev.heddle.service.CommandRequest;
import dev.heddle.service.CommandService;
import dev.heddle.service.Pending;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Asks for the commands of RUN, SH and JOB START. A command that ran is answered with an array, whatever became of it;
 * an error means that nothing ran.
 */
final class RunCommands {
    /**
     * A command that was asked for. Its holder answers or abandons it, once.
     *
     * @param id        of the command; empty when it was refused
     * @param whenReady runs an action, once, when a thread is needed to answer, see {@link Pending#whenReady}
     * @param reply     waits for the command and replies
     * @param abandon   gives the command up in place of the answer
     */
    record Asked(String id, Consumer<Runnable> whenReady, Reply reply, Runnable abandon) {
        private static Asked refused(String error) {
            return new Asked("", Runnable::run, call -> call.error(error), () -> { });
        }

        /** Waits for the command and answers; the client is shown with the command's ID meanwhile. */
        void answer(Call call) throws IOException, InterruptedException {
            call.client().runs(id);
            try {
                reply.send(call);
            } catch (RefusedException e) {
                call.error(ErrorTexts.of(e));
            } finally {
                call.client().runs("");
            }
        }
    }

    private interface Reply {
        void send(Call call) throws RefusedException, IOException, InterruptedException;
    }

    private interface Answer<T> {
        void send(Call call, T result) throws IOException;
    }

    private final CommandService service;

    RunCommands(CommandService service) {
        this.service = service;
    }

    /**
     * Asks for a command, without waiting for it.
     *
     * @param stream of a RUN or SH that streams to a client of RESP3
     */
    Asked ask(ClientState client, RunOptions options, Optional<AttachedStream> stream) {
        try {
            if (options.form() == RunOptions.Form.JOB_START) {
                return asked(service.start(client.caller(), client.grant(), request(options)),
                        (call, job) -> call.reply(BulkString.of(job.id())));
            } else if (!options.streams()) {
                return asked(service.run(client.caller(), client.grant(), request(options)), (call, held) -> {
                    try (held) {
                        call.send(RunReply.of(held.result()));
                    }
                });
            } else if (stream.isPresent()) {
                return streamed(client, options, stream.get());
            }
            return Asked.refused("ERR STREAM needs RESP3: send HELLO 3 first, and wait for its reply");
        } catch (RefusedException e) {
            return Asked.refused(ErrorTexts.of(e));
        }
    }

    private static <T> Asked asked(Pending<T> pending, Answer<T> answer) {
        return new Asked(pending.id(), pending::whenReady, call -> {
            Optional<T> result = pending.await(call.cancellation());
            if (result.isPresent()) {
                answer.send(call, result.get());
            }
        }, pending::abandon);
    }

    private Asked streamed(ClientState client, RunOptions options, AttachedStream stream) throws RefusedException {
        String id = service.stream(client.caller(), client.grant(), request(options), stream.attachment());
        return new Asked(id, stream.attachment()::whenReady,
                call -> call.reply(RunReply.of(stream.deliver(false).end().orElseThrow(), 0)), // it cannot be left
                stream::close);
    }

    private CommandRequest request(RunOptions options) {
        return new CommandRequest(options.command(service.keptBytes(options.maxOutput())),
                options.form() == RunOptions.Form.SH, options.id(), Words.inPieces(options.request()));
    }
}
