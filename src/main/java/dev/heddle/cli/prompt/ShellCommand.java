package dev.heddle.cli.prompt;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.cli.local.LocalStreamException;
import dev.heddle.cli.local.StandardInput;
import dev.heddle.cli.local.StandardOutput;
import dev.heddle.cli.remote.RemoteResult;
import dev.heddle.cli.remote.RemoteRun;
import dev.heddle.cli.remote.ServerOption;
import dev.heddle.cli.value.LocalFile;
import dev.heddle.client.ErrorReplyException;
import dev.heddle.client.HeddleClient;
import dev.heddle.client.RunRequest;
import dev.heddle.command.Outcome;
import dev.heddle.platform.LosslessUtf8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code heddle shell}: runs each line in a shell of its own on the server. The lines share only a directory, which
 * {@code cd} changes.
 */
@Command(name = "shell", description = "Type shell lines that run on a server.",
        exitCodeOnInvalidInput = ExitCodes.CONNECTION, sortOptions = false,
        footer = {"", "Ctrl-C interrupts the running line, twice kills it. Ctrl-D or 'exit' ends the shell.",
            "The number in the prompt is the exit code of the line before. Without a terminal, lines are read from"
                + " stdin and there is no prompt."})
public final class ShellCommand implements Callable<Integer> {
    private static final int SIGINT = 2;
    private static final Pattern CD = Pattern.compile("\\s*cd(\\s+(?<where>[^;&|]*?))?\\s*", Pattern.DOTALL);
    private static final Pattern EXIT = Pattern.compile("\\s*(exit|quit)(\\s+(?<code>[0-9]{1,3}))?\\s*");

    @Mixin
    private ServerOption server;

    private HeddleClient client; // null after a broken connection
    private volatile RemoteRun running; // null between the lines; the interrupt handler reads it
    private Optional<String> directory = Optional.empty();
    private int status;

    @Override
    public Integer call() throws IOException {
        try (LineSource lines = LineSource.open(historyFile(), true)) {
            client = server.connect();
            lines.onInterrupt(this::interrupt);
            return loop(lines);
        } catch (ErrorReplyException | IOException e) {
            return server.report(e);
        } finally {
            disconnect();
        }
    }

    private static Optional<Path> historyFile() throws IOException {
        if (!StandardInput.isTerminal()) {
            return Optional.empty();
        }
        Path folder = LocalFile.ofVariable("XDG_STATE_HOME")
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".local", "state"));
        return Optional.of(folder.resolve("heddle").resolve("shell-history"));
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
                case LineSource.Line.Interrupted() -> status = ExitCodes.SIGNALED + SIGINT;
                case LineSource.Line.End() -> {
                    return status;
                }
            }
        }
    }

    private int execute(String line) throws IOException {
        RemoteRun run = null;
        try {
            if (client == null) {
                client = server.connect();
            }
            run = new RemoteRun(client);
            running = run;
            Matcher cd = CD.matcher(line);
            return RemoteResult.show(cd.matches() ? changeDirectory(run, cd.group("where"))
                    : run.run(request(line), Optional.empty(), StandardOutput.OUT));
        } catch (ErrorReplyException e) {
            return RemoteResult.show(e);
        } catch (LocalStreamException e) {
            throw e;
        } catch (IOException e) {
            disconnect();
            return run != null && run.brokenOff().isPresent() ? run.brokenOff().getAsInt() : server.report(e);
        } finally {
            running = null;
        }
    }

    private RunRequest request(String script) {
        RunRequest request = RunRequest.script(script, List.of()).withStdin(new byte[0]);
        return directory.isPresent() ? request.withDirectory(directory.get()) : request;
    }

    /** Changes the directory by the remote shell, so that ~ and variables mean what they mean there. */
    private Outcome changeDirectory(RemoteRun run, String where) throws IOException, ErrorReplyException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Outcome outcome = run.run(request("cd " + (where == null ? "" : where) + " && pwd -P"), Optional.empty(), out);
        if (outcome.equals(new Outcome.Exited(ExitCodes.OK))) {
            directory = Optional.of(LosslessUtf8.decode(out.toByteArray()).replaceFirst("\n\\z", ""));
        }
        return outcome;
    }

    /** Runs on the terminal's signal thread. */
    private void interrupt() {
        RemoteRun busy = running;
        if (busy != null) {
            busy.signal("INT", SIGINT);
        }
    }

    private void disconnect() throws IOException {
        if (client != null) {
            client.close();
            client = null;
        }
    }
}
