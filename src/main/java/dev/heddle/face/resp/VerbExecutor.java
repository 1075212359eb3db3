package dev.heddle.face.resp;

import dev.heddle.command.RefusedException;
import dev.heddle.resp.RespValue.BulkString;

import java.io.IOException;

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

    VerbExecutor(RespProtocol protocol) {
        connection = new ConnectionCommands(protocol);
        client = new ClientCommand(protocol);
        server = new ServerCommands(protocol);
        runs = new RunCommands(protocol.runner(), protocol.jobs(), protocol.threads());
        jobs = new JobCommands(protocol.jobs(), protocol.runner());
        subscriptions = new SubscribeCommands(protocol.jobs());
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
                case RunVerb asked -> runs.execute(call, asked.options());
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

    /**
     * Answers a word to a stream when nothing streams. A client that has streamed could not know that its command had
     * ended, and waits for no reply; for any other client it is a mistake.
     */
    private static void tooLate(Call call, StreamWord word) throws IOException {
        if (call.client().hasStreamed()) {
            call.reply(CommandStream.push("ignored", new BulkString(word.spelt())));
        } else {
            call.error("ERR no command streams on this connection: see RUN STREAM");
        }
    }
}
