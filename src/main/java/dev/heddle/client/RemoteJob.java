package dev.heddle.client;

import dev.heddle.command.Outcome;
import dev.heddle.resp.ProtocolException;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A job on the server. It lives on without this client, so nothing here has to be closed. All methods throw
 * {@link ErrorReplyException} with the code {@code NOJOB} when there is no such job (any more), and {@link IOException}
 * as those of {@link HeddleClient} do.
 *
 * <p><b>Threading:</b> a job uses its client's connection, and so belongs to the thread that uses the client.
 */
public final class RemoteJob {
    /** The most that one {@link #read} brings. */
    public static final int MAX_READ_BYTES = 1 << 20;

    private static final int READ_BYTES = 256 << 10;
    private static final int WRITE_BYTES = 64 << 10;
    /** How long one request waits: devices on the way cut connections that are idle for longer. */
    private static final Duration STEP = Duration.ofSeconds(5);

    private final ServerConnection connection;
    private final String id;

    RemoteJob(ServerConnection connection, String id) {
        this.connection = connection;
        this.id = id;
    }

    /** Returns the ID that the server gave the job, or what {@link HeddleClient#job} was asked for. */
    public String id() {
        return id;
    }

    /**
     * Reads output from a cursor on; waits when there is none yet.
     *
     * @param cursor   0, or the cursor of the part before; any offset up to the end of the output
     * @param maxBytes 1 to {@link #MAX_READ_BYTES}
     * @param atMost   how long to wait for the first byte, or for the end; from 0 ms on
     */
    public JobOutput read(long cursor, int maxBytes, Duration atMost) throws IOException, ErrorReplyException {
        return ReplyStream.jobOutput(connection.call(RequestWords.of("JOB", "READ", id, Long.toString(cursor),
                "MAX", Integer.toString(maxBytes), "BLOCK", Long.toString(atMost.toMillis())), atMost));
    }

    /**
     * Gives the sink what the job has printed until now, from a cursor on. Does not wait for more. After an
     * {@link IOException} of the sink the connection can still be used.
     *
     * @return the cursor behind that
     */
    public long replay(long cursor, JobSink sink) throws IOException, ErrorReplyException {
        long end = info().outputBytes(); // a job that goes on printing must not be followed for ever
        long at = cursor;
        while (at < end) {
            JobOutput output = read(at, READ_BYTES, Duration.ZERO);
            deliver(at, output, sink);
            if (output.cursor() == at) {
                throw new ProtocolException("the server does not read on from byte " + at + " of job " + id);
            }
            at = output.cursor();
        }
        return at;
    }

    /**
     * Gives the sink what the job has printed and will print, from a cursor on, and waits for the job's end. After an
     * {@link IOException} of the sink the connection can still be used.
     */
    public Outcome follow(long cursor, JobSink sink) throws IOException, ErrorReplyException {
        long at = cursor;
        JobOutput output;
        do {
            output = read(at, READ_BYTES, STEP);
            deliver(at, output, sink);
            at = output.cursor();
        } while (output.outcome().isEmpty());
        return output.outcome().get();
    }

    private static void deliver(long cursor, JobOutput output, JobSink sink) throws IOException {
        long expected = cursor;
        for (JobOutput.Chunk chunk : output.chunks()) {
            if (chunk.offset() > expected) {
                sink.gap(chunk.offset() - expected);
            }
            sink.output(chunk);
            expected = chunk.offset() + chunk.bytes().length;
        }
        if (output.cursor() > expected) {
            sink.gap(output.cursor() - expected);
        }
    }

    /**
     * Writes to the job's stdin, and waits until the job's pipe has taken everything. After a broken connection the
     * bytes may be written again at their offset: the server skips what has already arrived.
     *
     * @param offset how many bytes have been written before
     * @return the offset behind these bytes
     * @throws ErrorReplyException when the job, or its stdin, has ended; or when there is a gap before the offset
     */
    public long write(long offset, byte[] bytes) throws IOException, ErrorReplyException {
        long end = offset + bytes.length;
        long at = offset;
        while (at < end) {
            int from = (int) (at - offset);
            byte[] part = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + WRITE_BYTES));
            List<byte[]> words = new RequestWords().add("JOB", "WRITE", id, Long.toString(at)).add(part).list();
            long accepted = ReplyStream.number(connection.call(words, STEP));
            if (accepted < at) {
                throw ReplyStream.unexpected();
            }
            at = accepted; // beyond the end when these bytes, and further ones, had been written before
        }
        return end;
    }

    /** Ends the job's stdin. */
    public void endInput() throws IOException, ErrorReplyException {
        connection.call(RequestWords.of("JOB", "EOF", id));
    }

    /**
     * Sends a signal to the job's whole process group.
     *
     * @param name such as {@code TERM}
     * @throws ErrorReplyException when there is no such signal, or when the job has ended; with the code {@code
     *         NOTPERMITTED} when the server may not signal some or all of its processes
     */
    public void signal(String name) throws IOException, ErrorReplyException {
        connection.call(RequestWords.of("JOB", "SIGNAL", id, name));
    }

    /** Waits for the job's end, however long that takes. */
    public Completion await() throws IOException, ErrorReplyException {
        Optional<Completion> completion;
        do {
            completion = await(STEP);
        } while (completion.isEmpty());
        return completion.get();
    }

    /**
     * Waits for the job's end.
     *
     * @param atMost from 0 ms on
     * @return empty when it still runs
     */
    public Optional<Completion> await(Duration atMost) throws IOException, ErrorReplyException {
        List<byte[]> words = RequestWords.of("JOB", "WAIT", id, Long.toString(atMost.toMillis()));
        return ReplyStream.completion(connection.call(words, atMost));
    }

    /** Returns what the server knows of the job. */
    public JobInfo info() throws IOException, ErrorReplyException {
        return ReplyStream.jobInfo(connection.call(RequestWords.of("JOB", "INFO", id)));
    }

    /** Makes the server forget the job and its output; an {@link ErrorReplyException} while it runs. */
    public void remove() throws IOException, ErrorReplyException {
        connection.call(RequestWords.of("JOB", "RM", id));
    }
}
