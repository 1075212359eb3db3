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

    VerbExecutor(ConnectionCommands connection, ClientCommand client, ServerCommands server, CommandService service) {
        this.connection = connection;
        this.client = client;
        this.server = server;
        runs = new RunCommands(service);
        jobs = new JobCommands(service);
        subscriptions = new SubscribeCommands(service);
    }

    /** Logs in a client whose transport has proved who it is, before the first request. */
    void arrive(ClientState arrived) {
        connection.arrive(arrived);
    }

    /** Asks for the command that a verb is to run, without waiting for it. Empty for a verb that runs none. */
    Optional<RunCommands.Asked> ask(ClientState of, Verb verb, Optional<AttachedStream> stream) {
        return verb instanceof RunOptions options ? Optional.of(runs.ask(of, options, stream)) : Optional.empty();
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
                case RunOptions asked -> runs.ask(call.client(), asked, call.stream()).answer(call);
                case JobVerb asked -> jobs.execute(call, asked);
                case SubscribeVerb asked -> subscriptions.execute(call, asked);
                case ClientVerb asked -> client.execute(call, asked);
                case ServerVerb asked -> server.execute(call, asked);
                case StreamWord word -> tooLate(call, word);
                case Verb.Malformed malformed -> call.error(malformed.error());
                case Verb.Unknown unknown -> call.error(unknown.error());
            }
        } catch (RefusedException e) {
            call.error(ErrorTexts.of(e));
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
