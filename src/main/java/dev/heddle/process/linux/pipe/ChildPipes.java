package dev.heddle.process.linux.pipe;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.heddle.command.Stdio;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.FileCalls;

import java.util.Arrays;

/**
 * The pipes of a child that is about to start, as plain descriptors: the server's ends, which are non-blocking, and the
 * child's, which block as programs expect. Closing closes the child's ends, and the server's unless {@link #connect}
 * has handed them out. For one thread at a time.
 */
public final class ChildPipes implements AutoCloseable {
    /** Stands for no descriptor; it is not a negative errno either. */
    public static final int NONE = Integer.MIN_VALUE;

    private final int[] ours = {NONE, NONE, NONE}; // to stdin, from stdout, from stderr
    private final int[] theirs = {NONE, NONE, NONE};

    /** Opens the pipes. Returns 0, or a negative errno when nothing is open. */
    public int open(Stdio.Pipes wanted, Buffer buffer) {
        int result = wanted.stdin() ? openOne(0, buffer) : 0;
        result = result < 0 ? result : openOne(1, buffer);
        result = result < 0 || wanted.merged() ? result : openOne(2, buffer);
        if (result < 0) {
            close();
        }
        return result;
    }

    private int openOne(int stream, Buffer buffer) {
        int result = FileCalls.pipe(buffer);
        if (result < 0) {
            return result;
        }
        int reading = buffer.memory.get(JAVA_INT, 0);
        int writing = buffer.memory.get(JAVA_INT, Integer.BYTES);
        ours[stream] = stream == 0 ? writing : reading;
        theirs[stream] = stream == 0 ? reading : writing;
        return FileCalls.setNonBlocking(ours[stream], buffer); // the flag belongs to this end only
    }

    /** The descriptor that becomes the child's stdin, stdout or stderr, or {@link #NONE} if there is no pipe for it. */
    public int theirs(int stream) {
        return theirs[stream];
    }

    /** Hands the server's ends out; called once. */
    public ChildStreams connect(Poller poller) {
        ChildStreams streams = ChildStreams.of(ours[0], ours[1], ours[2], poller);
        Arrays.fill(ours, NONE);
        return streams;
    }

    /** Closes the child's ends, as soon as it runs: while they are open here, its output has no end. */
    public void closeTheirs() {
        closeAll(theirs);
    }

    @Override
    public void close() {
        closeAll(theirs);
        closeAll(ours);
    }

    private static void closeAll(int[] fds) {
        for (int i = 0; i < fds.length; i++) {
            if (fds[i] != NONE) {
                FileCalls.close(fds[i]);
                fds[i] = NONE;
            }
        }
    }
}
