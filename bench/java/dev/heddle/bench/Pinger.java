package dev.heddle.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.HdrHistogram.Histogram;

/**
 * A client that pings while others keep the server busy: {@link PingProcess}, in a process of its own, so that it does
 * not wait for the JVM that has thousands of clients; and in a session of its own where {@code setsid(1)} is installed,
 * so that it does not share their part of the processors (autogrouping, sched(7)). Whoever starts it stops it.
 */
final class Pinger implements AutoCloseable {
    private final Started process;
    private final BufferedReader output;

    /** Returns when it has begun, after all who connected before have been accepted: it pays for what comes next. */
    Pinger(int port, Duration period) throws IOException {
        List<String> command = new ArrayList<>();
        Workshop.installed("setsid").ifPresent(setsid -> command.add(setsid.toString()));
        command.addAll(Workshop.own(PingProcess.class, port, period.toNanos()));
        process = Started.piped(command);
        output = process.output();
        try {
            expect(PingProcess.BEGINS);
        } catch (IOException e) {
            process.close();
            throw e;
        }
    }

    /** Stops, and gives the latencies in microseconds. */
    Histogram stop() throws IOException {
        process.endInput();
        Histogram latencies = PingProcess.decoded(expect(PingProcess.LATENCIES));
        if (latencies.getTotalCount() == 0) {
            throw new IOException("the pinger had no time for a PING");
        }
        return latencies;
    }

    private String expect(String start) throws IOException {
        String line = output.readLine();
        if (line == null || !line.startsWith(start)) {
            throw new IOException("the pinger has failed: " + line);
        }
        return line;
    }

    @Override
    public void close() {
        process.close();
    }
}
