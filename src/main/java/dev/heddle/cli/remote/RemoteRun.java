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
 * A remote command on this process's stdin and stderr. One thread runs it; signals come from others. The client is
 * its caller's, and has been closed when the command was broken off.
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
     * Runs it to its end. What it prints on stderr is dropped where that cannot be written.
     *
     * @param stdin empty when the request brings it
     * @throws LocalStreamException when stdout, or stdin, of this process is at fault; the command is ended then
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
     * Passes the first signal on to the command. Breaks off at the second, and at one that comes before the
     * command has started: the server kills it.
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

    /** The exit code when a signal has ended it; what {@link #run} then throws is of no interest. */
    public OptionalInt brokenOff() {
        return brokenOffBy == 0 ? OptionalInt.empty() : OptionalInt.of(ExitCodes.SIGNALED + brokenOffBy);
    }
}
