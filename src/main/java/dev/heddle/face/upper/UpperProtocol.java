package dev.heddle.face.upper;

import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.Dismissal;
import dev.heddle.net.Protocol;
import dev.heddle.platform.LosslessUtf8;

import java.nio.charset.StandardCharsets;

/** What all upper:// sessions of a server share: the greeting. */
public final class UpperProtocol implements Protocol {
    private final byte[] greeting;

    /**
     * Makes the protocol with a greeting.
     *
     * @param greeting sent to each client as it connects; empty for none
     */
    public UpperProtocol(String greeting) {
        this.greeting = LosslessUtf8.encode(greeting);
    }

    @Override
    public ClientSession open(long number, ClientSocket socket) {
        return new UpperSession(socket, greeting);
    }

    @Override
    public byte[] words(Dismissal why) {
        return ("heddle: BUSY " + why.text() + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
