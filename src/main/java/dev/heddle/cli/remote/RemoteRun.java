package dev.heddle.cli.remote;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.cli.local.LocalStreamException;
import dev.heddle.cli.local.StandardOutput;
import dev.heddle.client.ErrorReplyException;
import dev.heddle.client.HeddleClient;
import dev.heddle.client.RunRequest;
import dev.heddle.client.StreamedRun;
import dev.heddle.command.Outcome;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs a remote command on this process's stdin and stderr. The client belongs to the caller, and is closed when the
 * command was broken off.
 *
 * <p><b>Threading:</b> one thread runs the command; signals come from other threads.
 */
public final class RemoteRun {
    private final HeddleClient client;
    private final AtomicBoolean interrupted = new AtomicBoolean(); // no lock: sending a signal may block
    private volatile StreamedRun run; // null until it has started; the running thread sets it
    private volatile int brokenOffBy; // a signal's number; 0 for none

    public RemoteRun(HeddleClient client) {
        this.client = client;
    }

    /**
     * Runs the command to its end. Output on stderr that cannot be written is dropped.
     *
     * @param stdin empty when the request brings it
     * @throws LocalStreamException when this process's stdout or stdin failed; the command is ended then
     */
    public Outcome run(RunRequest request, Optional<InputStream> stdin, OutputStream stdout)
            throws IOException, ErrorReplyException {
        try (StreamedRun started = client.stream(request)) {
            run = started;
            stdin.ifPresent(started::feed);
            return started.await(stdout, StandardOutput.LOSSY_ERR).outcome();
        }
    }

    /**
     * Passes the first signal on to the command. Breaks the connection off at the second signal, and at one that comes
     * before the command has started: the server then kills the command.
     *
     * @return whether it was passed on
     */
    public boolean signal(String name, int number) {
        StreamedRun started = run;
        if (started != null && interrupted.compareAndSet(false, true)) {
            started.signal(name);
            return true;
        }
        brokenOffBy = number;
        try {
            client.close();
        } catch (IOException e) {
            throw new UncheckedIOException("breaking the connection off", e); // close(2) of a socket does not fail
        }
        return false;
    }

    /** Returns the exit code when a signal broke the command off, which makes {@link #run} throw. */
    public OptionalInt brokenOff() {
        return brokenOffBy == 0 ? OptionalInt.empty() : OptionalInt.of(ExitCodes.SIGNALED + brokenOffBy);
    }
}
