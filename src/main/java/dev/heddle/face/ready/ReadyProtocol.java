package dev.heddle.face.ready;

import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.Connection;
import dev.heddle.net.Dismissal;
import dev.heddle.net.Protocol;
import dev.heddle.service.CommandService;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;

/** Opens the ready:// sessions of a server. */
public record ReadyProtocol(CommandService service, ThreadFactory threads, Settings settings) implements Protocol {
    /**
     * The limits of sessions.
     *
     * @param commandTimeout after which a command is ended, because a client cannot ask for one
     * @param startTimeout   how long a client may take to send {@code Start}
     * @param hangupGrace    how long a command may go on once its client has closed its side
     */
    public record Settings(Duration commandTimeout, Duration startTimeout, Duration hangupGrace) {}

    @Override
    public ClientSession open(long number, ClientSocket socket) {
        Connection connection = new Connection(number, socket, threads, () -> { }, settings.hangupGrace());
        return new ReadySession(number, service, settings, socket, connection);
    }

    @Override
    public byte[] words(Dismissal why) {
        return ("heddle: BUSY " + why.text() + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
