package dev.heddle.face.resp;

import dev.heddle.command.RefusedException;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.service.CommandService;

import java.io.IOException;
import java.util.Optional;

/**
 * Executes parsed requests, each by the class for its family. A request is answered with one reply, but for SUBSCRIBE
 * and UNSUBSCRIBE, which are answered with one for each channel, and for a run whose client has gone.
 *
 * <p><b>Threading:</b> shared by all clients; without a state of its own.
 */
final class VerbExecutor {
    private final ConnectionCommands connection;
    private final ClientCommand client;
    private final ServerCommands server;
    private final RunCommands runs;
    private final JobCommands jobs;
    private final SubscribeCommands subscriptions;

    VerbExecutor(ConnectionCommands connection, ClientCommand client, ServerCommands server,
                 CommandService service) {
        this.connection = connection;
        this.client = client;
        this.server = server;
        runs = new RunCommands(service);
        jobs = new JobCommands(service, runs);
        subscriptions = new SubscribeCommands(service);
    }

    /**
     * Asks for the command that a verb is to run, without waiting for it. Empty for a verb that runs none.
     *
     * @param stream of a verb that streams to a client of RESP3
     * @throws RefusedException when nothing is run
     */
    Optional<RunCommands.Asked> ask(ClientState of, Verb verb, Optional<AttachedStream> stream)
            throws RefusedException {
        return switch (verb) {
            case RunVerb asked when asked.streams() ->
                    stream.isEmpty() ? Optional.empty() : Optional.of(runs.stream(of, asked.options(), stream.get()));
            case RunVerb asked -> Optional.of(runs.run(of, asked.options()));
            case JobVerb.Start asked -> Optional.of(runs.start(of, asked.options()));
            case Verb other -> Optional.empty();
        };
    }

    /**
     * Executes a request and answers it.
     *
     * @throws IOException when the reply cannot be sent: the client has gone
     * @throws InterruptedException when the client's thread is to end
     */
    void execute(Call call, Verb verb) throws IOException, InterruptedException {
        try {
            switch (verb) {
                case ConnectionVerb asked -> connection.execute(call, asked);
                case RunVerb asked -> run(call, asked);
                case JobVerb asked -> jobs.execute(call, asked);
                case SubscribeVerb asked -> subscriptions.execute(call, asked);
                case ClientVerb asked -> client.execute(call, asked);
                case ServerVerb asked -> server.execute(call, asked);
                case StreamWord word -> tooLate(call, word);
                case Verb.Malformed malformed -> call.error(malformed.error());
                case Verb.Unknown unknown -> call.error(unknown.error());
            }
        } catch (RefusedException e) {
            call.error(RunErrors.reply(e));
        }
    }

    private void run(Call call, RunVerb verb) throws RefusedException, IOException, InterruptedException {
        Optional<RunCommands.Asked> asked = ask(call.client(), verb, call.stream());
        if (asked.isPresent()) {
            RunCommands.execute(call, asked.get());
        } else {
            call.error("ERR STREAM needs RESP3: send HELLO 3 first, and wait for its reply");
        }
    }

    /**
     * Answers a word to a stream when nothing streams. A client that has streamed could not know that its command had
     * ended, and waits for no reply; for any other client it is a mistake.
     */
    private static void tooLate(Call call, StreamWord word) throws IOException {
        if (call.client().hasStreamed()) {
            call.reply(StreamPush.of("ignored", new BulkString(word.spelt())));
        } else {
            call.error("ERR no command streams on this connection: see RUN STREAM");
        }
    }
}
