package dev.heddle.face.ready;

import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.LaneStarts;
import dev.heddle.net.Protocol;
import dev.heddle.service.CommandService;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/** What all ready:// sessions of a server share. */
public final class ReadyProtocol implements Protocol {
    /**
     * The limits of the protocol's sessions.
     *
     * @param commandTimeout after which a command is ended; the protocol has no way to ask for another
     * @param startTimeout   how long a client may take to send {@code Start}
     * @param hangupGrace    how long a command may go on once its client has closed its side
     */
    public record Settings(Duration commandTimeout, Duration startTimeout, Duration hangupGrace) {}

    private final CommandService service;
    private final LaneStarts laneStarts;
    private final Settings settings;
    private final AtomicLong connected = new AtomicLong();

    public ReadyProtocol(CommandService service, ThreadFactory threads, Settings settings) {
        this.service = service;
        laneStarts = new LaneStarts(threads, otherwise -> true);
        this.settings = settings;
    }

    @Override
    public ClientSession open(ClientSocket socket) {
        return new ReadySession(connected.incrementAndGet(), service, laneStarts, settings, socket);
    }

    @Override
    public byte[] refusal(String reason) {
        return ("heddle: BUSY " + reason + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
