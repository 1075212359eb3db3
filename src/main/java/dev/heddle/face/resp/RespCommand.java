package dev.heddle.face.resp;

import java.io.IOException;

/**
 * The body of a command. Answers each call with one reply, but for SUBSCRIBE and UNSUBSCRIBE, which answer with one
 * for each channel, and for a run whose client has gone. Shared by all clients.
 */
@FunctionalInterface
interface RespCommand {
    /**
     * Executes one call.
     *
     * @throws IOException when the reply cannot be sent: the client has gone
     * @throws InterruptedException when the client's thread is to end
     */
    void execute(Call call) throws IOException, InterruptedException;
}
