package dev.heddle.cli;

import dev.heddle.client.HeddleClient;
import dev.heddle.client.RefusedException;
import dev.heddle.client.RunRequest;
import dev.heddle.client.RunResult;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code heddle shell}: runs each line in a shell on the server. The lines share a directory, which {@code cd}
 * changes, and nothing else: each has a shell of its own.
 */
@Command(name = "shell", description = "Type shell lines that run on a server.",
        exitCodeOnInvalidInput = ExitCodes.CONNECTION, sortOptions = false,
        footer = {"", "Ctrl-C ends the running line, Ctrl-D or 'exit' the shell. The number in the prompt is the",
            "exit code of the line before. Without a terminal, lines are read from stdin and there is no prompt."})
final class ShellCommand implements Callable<Integer> {
    private static final int INTERRUPTED = 128 + 2;
    private static final int MAX_OUTPUT_BYTES = 64 << 20;
    private static final Pattern CD = Pattern.compile("\\s*cd(\\s+(?<where>[^;&|]*?))?\\s*", Pattern.DOTALL);
    private static final Pattern EXIT = Pattern.compile("\\s*(exit|quit)(\\s+(?<code>[0-9]{1,3}))?\\s*");

    @Mixin
    private ServerOption server;

    @Option(names = "--help", usageHelp = true, description = "Show this and exit.")
    private boolean help;

    private HeddleClient client; // null after a broken connection
    private volatile HeddleClient running; // set while a line runs; the interrupt handler takes it
    private Optional<String> directory = Optional.empty();
    private int status;

    @Override
    public Integer call() {
        try (LineSource lines = LineSource.open(Optional.of(historyFile()), true)) {
            client = server.connect();
            lines.onInterrupt(this::breakOff);
            return loop(lines);
        } catch (RefusedException e) {
            return RemoteResult.show(e);
        } catch (IOException e) {
            return server.failed(e);
        } finally {
            disconnect();
        }
    }

    private static Path historyFile() {
        String state = System.getenv("XDG_STATE_HOME");
        Path folder = state == null || state.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".local", "state") : Path.of(state);
        return folder.resolve("heddle").resolve("shell-history");
    }

    private int loop(LineSource lines) throws IOException {
        while (true) {
            switch (lines.next("[" + status + "] " + server + "> ")) {
                case LineSource.Line.Text(String text) when text.isBlank() -> { }
                case LineSource.Line.Text(String text) -> {
                    Matcher exit = EXIT.matcher(text);
                    if (exit.matches()) {
                        return exit.group("code") == null ? status : Integer.parseInt(exit.group("code")) & 0xff;
                    }
                    status = execute(text);
                }
                case LineSource.Line.Interrupted() -> status = INTERRUPTED;
                case LineSource.Line.End() -> {
                    return status;
                }
            }
        }
    }

    private int execute(String line) {
        try {
            if (client == null) {
                client = server.connect();
            }
            running = client;
            Matcher cd = CD.matcher(line);
            return cd.matches() ? changeDirectory(cd.group("where")) : RemoteResult.show(run(line));
        } catch (RefusedException e) {
            return RemoteResult.show(e);
        } catch (IOException e) {
            boolean brokenOff = running == null;
            disconnect();
            return brokenOff ? INTERRUPTED : server.failed(e);
        } finally {
            running = null;
        }
    }

    private RunResult run(String script) throws IOException, RefusedException {
        RunRequest request = RunRequest.script(script, List.of()).withMaxOutputBytes(MAX_OUTPUT_BYTES);
        return client.run(directory.isPresent() ? request.withDirectory(directory.get()) : request);
    }

    /** The remote shell does it, so that ~ and variables mean what they mean there. */
    private int changeDirectory(String where) throws IOException, RefusedException {
        RunResult result = run("cd " + (where == null ? "" : where) + " && pwd -P");
        if (result.ending() instanceof RunResult.Ending.Exited(int code) && code == 0) {
            directory = Optional.of(new String(result.stdout(), StandardCharsets.UTF_8).stripTrailing());
            return ExitCodes.OK;
        }
        return RemoteResult.show(result);
    }

    /** On the terminal's signal thread. The server ends the line's processes as the connection breaks. */
    private void breakOff() {
        HeddleClient busy = running;
        running = null;
        if (busy != null) {
            busy.reset();
        }
    }

    private void disconnect() {
        if (client != null) {
            client.reset();
            client = null;
        }
    }
}
