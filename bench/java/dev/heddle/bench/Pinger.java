package dev.heddle.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.HdrHistogram.Histogram;

/**
 * A client that pings while others keep the server busy: {@link Pings} in a process of its own, so that it does not
 * wait for the JVM that has thousands of clients; and in a session of its own where {@code setsid(1)} is installed, so
 * that it does not share their part of the processors (autogrouping, sched(7)). Whoever starts it stops it.
 */
final class Pinger implements AutoCloseable {
    private final Process process; // ends with its stdin, and so with this JVM at the latest
    private final BufferedReader output;

    /** Returns when its connection is served and it has begun. */
    Pinger(int port, Duration period) throws IOException {
        List<String> command = new ArrayList<>();
        Workshop.installed("setsid").ifPresent(setsid -> command.add(setsid.toString()));
        command.addAll(List.of(Workshop.java().toString(), "-XX:+UseSerialGC", "--enable-preview", "-cp",
                System.getProperty("java.class.path"), Pings.class.getName(), Integer.toString(port),
                Long.toString(period.toNanos())));
        process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        output = process.inputReader();
        if (output.readLine() == null) {
            throw new IOException("the pinger does not begin");
        }
    }

    /** Stops, and gives the latencies in microseconds. */
    Histogram stop() throws IOException {
        process.getOutputStream().close();
        String latencies = output.readLine();
        if (latencies == null) {
            throw new IOException("the pinger has failed");
        }
        return Pings.decoded(latencies);
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        output.close();
    }
}
