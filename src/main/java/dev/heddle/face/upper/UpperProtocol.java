package dev.heddle.face.upper;

import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.Protocol;
import dev.heddle.platform.LosslessUtf8;

import java.nio.charset.StandardCharsets;

/** What all upper:// sessions of a server share: the greeting. */
public final class UpperProtocol implements Protocol {
    private final byte[] greeting;

    /**
     * The protocol with a greeting.
     *
     * @param greeting sent to each client as it connects; empty for none
     */
    public UpperProtocol(String greeting) {
        this.greeting = LosslessUtf8.encode(greeting);
    }

    @Override
    public ClientSession open(ClientSocket socket) {
        return new UpperSession(socket, greeting);
    }

    @Override
    public byte[] refusal(String reason) {
        return ("heddle: BUSY " + reason + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
