package dev.heddle.process.linux.pipe;

import dev.heddle.process.ChildInput;
import dev.heddle.process.ChildOutput;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The server's ends of a child's pipes.
 *
 * @param stdin  null without a pipe
 * @param stderr at its end from the beginning when stderr is merged into stdout
 */
public record ChildStreams(ChildInput stdin, ChildOutput stdout, ChildOutput stderr, List<PipeEnd> all) {
    /** Takes the descriptors over; {@link ChildPipes#NONE} where there is no pipe. */
    static ChildStreams of(int stdin, int stdout, int stderr, Poller poller) {
        PipeWriter in = stdin == ChildPipes.NONE ? null : new PipeWriter(stdin, poller);
        PipeReader out = new PipeReader(stdout, poller);
        PipeReader err = stderr == ChildPipes.NONE ? null : new PipeReader(stderr, poller);
        return new ChildStreams(in, out, err == null ? ChildOutput.ENDED : err,
                Stream.of(in, out, err).filter(Objects::nonNull).toList());
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
