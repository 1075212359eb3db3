package dev.heddle.client;

import java.io.IOException;
import java.io.OutputStream;

/** Receives a job's output, in its order, on the thread that reads it. */
public interface JobSink {
    /** Bytes of one stream; the next ones are read after this has returned. */
    void output(JobOutput.Chunk chunk) throws IOException;

    /** So many bytes at this place were not kept. */
    void gap(long bytes) throws IOException;

    /** Writes to a stream each and flushes it; passes over gaps. */
    static JobSink of(OutputStream stdout, OutputStream stderr) {
        return new JobSink() {
            @Override
            public void output(JobOutput.Chunk chunk) throws IOException {
                OutputStream target = chunk.stderr() ? stderr : stdout;
                target.write(chunk.bytes());
                target.flush();
            }

            @Override
            public void gap(long bytes) {
                // who wants to know gives a sink of its own
            }
        };
    }
}
