package dev.heddle.cli.prompt;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.cli.local.LocalStreamException;
import dev.heddle.cli.local.StandardOutput;
import dev.heddle.cli.remote.ServerOption;
import dev.heddle.cli.value.HostAndPort;
import dev.heddle.client.Connecting;

import java.io.IOException;
import java.net.Socket;
import java.util.Optional;

/** Shows the prompt of the clients of both ancestor protocols: a line goes out, an answer comes in. */
final class AncestorPrompt {
    /** Sends a line and shows the answer. */
    interface Exchange {
        void send(Socket socket, String line) throws IOException;
    }

    /** Shows what the server says first. */
    interface Opening {
        void read(Socket socket) throws IOException;
    }

    private AncestorPrompt() {}

    /** Runs until {@code exit}, {@code quit}, Ctrl-C, Ctrl-D or the end of the connection. */
    static int run(HostAndPort server, String prompt, Opening opening, Exchange exchange) {
        try (Socket socket = Connecting.open(server.host(), server.port(), ServerOption.CONNECT_TIMEOUT);
                LineSource lines = LineSource.open(Optional.empty(), false)) {
            opening.read(socket);
            while (lines.next(prompt) instanceof LineSource.Line.Text(String text)
                    && !text.strip().matches("exit|quit")) {
                if (!text.isBlank()) {
                    exchange.send(socket, text);
                }
            }
            return ExitCodes.OK;
        } catch (LocalStreamException e) {
            return e.report();
        } catch (IOException e) {
            StandardOutput.complain("heddle: " + server + ": " + e.getMessage());
            return ExitCodes.CONNECTION;
        }
    }

    /** Shows an answer; the next prompt begins a line of its own. */
    static void show(byte[] answer) throws IOException {
        StandardOutput.OUT.write(answer);
        if (answer.length > 0 && answer[answer.length - 1] != '\n') {
            StandardOutput.OUT.write(new byte[] {'\n'});
        }
    }
}
