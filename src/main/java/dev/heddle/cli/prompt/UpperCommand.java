package dev.heddle.cli.prompt;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.cli.value.HostAndPort;
import dev.heddle.platform.LosslessUtf8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Locale;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code heddle upper}: shows a prompt for the second ancestor's protocol. */
@Command(name = "upper", description = "Type lines for a server that speaks upper://.",
        exitCodeOnInvalidInput = ExitCodes.CONNECTION,
        footer = {"", "'exit', 'quit', Ctrl-C and Ctrl-D end it."})
public final class UpperCommand implements Callable<Integer> {
    private static final int DEFAULT_PORT = 8001;
    /** A server that greets does so at once, and the user of one that does not must not wait long. */
    private static final int GREETING_MILLIS = 200;
    private static final int ANSWER_MILLIS = 2_000;

    @Parameters(paramLabel = "HOST:PORT", description = "The server; the port may be left out if it is 8001.")
    private HostAndPort server;

    @Override
    public Integer call() {
        return AncestorPrompt.run(server.withPort(DEFAULT_PORT), ">>>",
                socket -> AncestorPrompt.show(read(socket, 1, GREETING_MILLIS)), UpperCommand::exchange);
    }

    private static void exchange(Socket socket, String line) throws IOException {
        socket.getOutputStream().write(LosslessUtf8.encode(line));
        int expected = LosslessUtf8.encode(line.toUpperCase(Locale.ROOT)).length;
        AncestorPrompt.show(read(socket, expected, ANSWER_MILLIS));
    }

    /** Reads until enough has come, or nothing more for a while: the protocol does not mark the end of an answer. */
    private static byte[] read(Socket socket, int enough, int patienceMillis) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        byte[] chunk = new byte[8 * 1024];
        socket.setSoTimeout(patienceMillis);
        try {
            while (answer.size() < enough) {
                int n = socket.getInputStream().read(chunk);
                if (n < 0) {
                    throw new EOFException("the server has ended the connection");
                }
                answer.write(chunk, 0, n);
            }
            return answer.toByteArray();
        } catch (SocketTimeoutException e) {
            return answer.toByteArray(); // nothing tells whether this is all, so it is shown
        }
    }
}
