package dev.heddle.server.resp;

import java.io.IOException;

/** The body of a command: answers each call with exactly one reply. Shared by all clients. */
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
