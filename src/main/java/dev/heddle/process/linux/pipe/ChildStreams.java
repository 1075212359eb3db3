package dev.heddle.process.linux.pipe;

import dev.heddle.process.ChildInput;
import dev.heddle.process.ChildOutput;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The server's ends of a child's pipes. */
public final class ChildStreams {
    private final PipeWriter stdin; // null without a pipe
    private final PipeReader stdout;
    private final PipeReader stderr; // null when merged into stdout
    private final List<PipeEnd> all;

    /** Takes the descriptors over; {@link ChildPipes#NONE} where there is no pipe. */
    ChildStreams(int stdin, int stdout, int stderr, Poller poller) {
        this.stdin = stdin == ChildPipes.NONE ? null : new PipeWriter(stdin, poller);
        this.stdout = new PipeReader(stdout, poller);
        this.stderr = stderr == ChildPipes.NONE ? null : new PipeReader(stderr, poller);
        all = Stream.of(this.stdin, this.stdout, this.stderr).filter(Objects::nonNull).toList();
    }

    /** The pipe to the child's stdin; there is one only if it was asked for. */
    public ChildInput stdin() {
        if (stdin == null) {
            throw new IllegalStateException("started without a stdin pipe");
        }
        return stdin;
    }

    public ChildOutput stdout() {
        return stdout;
    }

    /** At its end from the beginning when stderr is merged into stdout. */
    public ChildOutput stderr() {
        return stderr == null ? ChildOutput.ENDED : stderr;
    }

    /** Tells the pipes that the leader has ended. On the poller's thread. */
    public void leaderEnded() {
        all.forEach(PipeEnd::leaderEnded);
    }

    /** Closes all of them, and so ends reads and writes under way. From any thread. */
    public void close() {
        all.forEach(PipeEnd::close);
    }
}
