package dev.heddle.audit;

import dev.heddle.access.LoginListener;
import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.CommandEnd;
import dev.heddle.command.Outcome;
import dev.heddle.command.RefusedException;
import dev.heddle.command.ResourceUsage;
import dev.heddle.command.Usage;
import dev.heddle.platform.RegularFile;
import dev.heddle.run.CommandObserver;
import dev.heddle.run.CommandStart;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Writes a line of JSON for each login, each start and end of a command, and each command that was refused. Never
 * writes what could be a secret: values of environment variables, stdin, tokens. A line is on its way to the disk when
 * its client is answered, and there very soon after.
 *
 * <p><b>Threading:</b> any thread may call. The caller that made it closes it, once the server has stopped.
 */
public final class AuditLog implements CommandObserver, LoginListener, Closeable {
    private final AuditFile file;

    /**
     * Makes a log that appends to this file; only its owner can read a new one.
     *
     * @throws IOException when it cannot be opened, or is not a regular file
     */
    public AuditLog(Path path) throws IOException {
        this(open(path));
    }

    AuditLog(AuditFile file) {
        this.file = file;
    }

    private static AuditFile open(Path path) throws IOException {
        RegularFile.require(path);
        return new AuditFile(path);
    }

    /** Sends the lines from now on to a new file of this name, for log rotation. Does not block. */
    public void reopen() {
        file.reopen();
    }

    /** Returns how many lines could not be written, because the disk is full or slow. */
    public long lost() {
        return file.lost();
    }

    @Override
    public void loggedIn(String user, String peer) {
        file.append(AuditLine.of("login").text("user", user).text("peer", peer).bool("ok", true).end());
    }

    @Override
    public void refused(String user, String peer) {
        file.append(AuditLine.of("login").text("user", user).text("peer", peer).bool("ok", false).end());
    }

    @Override
    public Ending started(CommandStart start) {
        AuditLine line = AuditLine.of("start").text("id", start.id()).number("pid", start.pid());
        file.append(command(line, start.caller(), start.command()).end());
        return end -> ended(start.id(), start.caller(), end);
    }

    private void ended(String id, Caller caller, CommandEnd end) {
        AuditLine line = AuditLine.of("end").text("id", id).text("user", caller.user()).text("peer", caller.peer())
                .text("outcome", end.outcome().word());
        switch (end.outcome()) {
            case Outcome.Exited(int code) -> line.number("code", code);
            case Outcome.Signaled(int signal) -> line.number("signal", signal);
            case Outcome.TimedOut timedOut -> { }
            case Outcome.Cancelled cancelled -> { }
        }
        Usage usage = end.usage();
        ResourceUsage resources = usage.resources();
        line.micros("wall_us", Optional.of(usage.wallTime()))
                .micros("user_us", resources.userTime()).micros("system_us", resources.systemTime());
        resources.peakMemoryKib().ifPresent(kib -> line.number("peak_memory_kib", kib));
        if (end.leftRunning()) {
            line.bool("left_running", true);
        }
        file.append(line.number("stdout_bytes", usage.stdoutBytes()).number("stderr_bytes", usage.stderrBytes()).end());
    }

    @Override
    public void refused(Caller caller, Command command, RefusedException refusal) {
        file.append(command(AuditLine.of("refused"), caller, command).text("reason", refusal.reason().word())
                .text("message", refusal.getMessage()).end());
    }

    private static AuditLine command(AuditLine line, Caller caller, Command command) {
        line.text("user", caller.user()).text("peer", caller.peer()).text("protocol", caller.face())
                .words("argv", command.argv());
        command.directory().ifPresent(directory -> line.bytes("cwd", directory.path()));
        if (!command.environment().isEmpty()) {
            line.words("env_names", command.environment().stream().map(Command.Variable::name).toList());
        }
        command.tags().name().ifPresent(name -> line.text("name", name));
        if (!command.tags().labels().isEmpty()) {
            line.texts("labels", command.tags().labels());
        }
        command.timeout().ifPresent(timeout -> line.number("timeout_ms", timeout.toMillis()));
        return line;
    }

    /** Writes the remaining lines. Blocks until that is done, for a few seconds at most. */
    @Override
    public void close() {
        file.close();
    }
}
