package dev.heddle.cli.prompt;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.cli.local.StandardOutput;
import dev.heddle.cli.value.HostAndPort;
import dev.heddle.platform.LosslessUtf8;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code heddle ready}: shows a prompt for the first ancestor's protocol. */
@Command(name = "ready", description = "Type commands for a server that speaks ready://.",
        exitCodeOnInvalidInput = ExitCodes.CONNECTION,
        footer = {"", "'exit', 'quit', Ctrl-C and Ctrl-D end it."})
public final class ReadyCommand implements Callable<Integer> {
    private static final int DEFAULT_PORT = 9999;
    private static final int READ_BYTES = 1024;
    private static final int MAX_COMMAND_BYTES = 1024;
    private static final Pattern SIZE = Pattern.compile("Ready\\|([0-9]{1,10})");
    private static final byte[] START = "Start".getBytes(StandardCharsets.US_ASCII);

    @Parameters(paramLabel = "HOST:PORT", description = "The server; the port may be left out if it is 9999.")
    private HostAndPort server;

    @Override
    public Integer call() {
        return AncestorPrompt.run(server.withPort(DEFAULT_PORT), ">> ", socket -> { }, ReadyCommand::exchange);
    }

    /** One read brings the line's output, or else its size: then the output is asked for. */
    private static void exchange(Socket socket, String line) throws IOException {
        byte[] command = LosslessUtf8.encode(line);
        if (command.length > MAX_COMMAND_BYTES) {
            StandardOutput.complain("heddle: a command has at most " + MAX_COMMAND_BYTES + " bytes");
            return;
        }
        socket.getOutputStream().write(command);
        InputStream in = socket.getInputStream();
        byte[] first = new byte[READ_BYTES];
        int n = in.read(first);
        if (n < 0) {
            throw new EOFException("the server has ended the connection");
        }
        Matcher size = SIZE.matcher(new String(first, 0, n, StandardCharsets.ISO_8859_1));
        if (!size.matches()) {
            AncestorPrompt.show(Arrays.copyOf(first, n));
            return;
        }
        socket.getOutputStream().write(START);
        copy(in, Long.parseLong(size.group(1)));
    }

    private static void copy(InputStream in, long size) throws IOException {
        byte[] chunk = new byte[64 * 1024];
        byte last = '\n';
        for (long left = size; left > 0; ) {
            int n = in.read(chunk, 0, (int) Math.min(chunk.length, left));
            if (n < 0) {
                throw new EOFException("the server has ended the connection " + left + " bytes too early");
            }
            StandardOutput.OUT.write(Arrays.copyOf(chunk, n));
            last = chunk[n - 1];
            left -= n;
        }
        if (last != '\n') {
            StandardOutput.OUT.write(new byte[] {'\n'});
        }
    }
}
