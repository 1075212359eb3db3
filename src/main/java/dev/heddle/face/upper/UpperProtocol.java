package dev.heddle.face.upper;

import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.Dismissal;
import dev.heddle.net.Protocol;
import dev.heddle.platform.LosslessUtf8;

import java.nio.charset.StandardCharsets;

/**
 * Opens the upper:// sessions of a server.
 *
 * @param greeting sent to each client as it connects; empty for none
 */
public record UpperProtocol(String greeting) implements Protocol {
    @Override
    public ClientSession open(long number, ClientSocket socket) {
        return new UpperSession(socket, LosslessUtf8.encode(greeting));
    }

    @Override
    public byte[] words(Dismissal why) {
        return ("heddle: BUSY " + why.text() + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
