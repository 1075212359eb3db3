package dev.heddle.client;

import java.io.IOException;
import java.io.OutputStream;

/** Receives a job's output in its order, on the thread that reads it. */
public interface JobSink {
    /** Receives bytes of one stream; the next ones are read after this has returned. */
    void output(JobOutput.Chunk chunk) throws IOException;

    /** Tells that so many bytes at this place were not kept. */
    void gap(long bytes) throws IOException;

    /** Returns a sink that writes to these two streams, flushes after each chunk, and passes over gaps. */
    static JobSink of(OutputStream stdout, OutputStream stderr) {
        return new JobSink() {
            @Override
            public void output(JobOutput.Chunk chunk) throws IOException {
                OutputStream target = chunk.stderr() ? stderr : stdout;
                target.write(chunk.bytes());
                target.flush();
            }

            @Override
            public void gap(long bytes) {} // a caller that needs gaps gives a sink of its own
        };
    }
}
