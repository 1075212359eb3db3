package dev.heddle.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

import org.HdrHistogram.Histogram;

/**
 * Pings at a fixed rate on a connection and a platform thread of its own, and takes the time from when each PING
 * was due, so that a server that stalls is not asked less (no coordinated omission). Whoever starts it stops it.
 */
final class Pinger implements AutoCloseable {
    private static final int PATIENCE_MS = 30_000;

    private final Socket socket;
    private final Duration period;
    private final Histogram latencies = new Histogram(3); // microseconds; the thread's until it has ended
    private final Thread thread;
    private volatile boolean stopped;
    private IOException failure; // the thread's until it has ended

    Pinger(int port, Duration period) throws IOException {
        this.period = period;
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MS);
        thread = Thread.ofPlatform().name("pinger").daemon().start(this::ping);
    }

    private void ping() {
        byte[] pong = "+PONG\r\n".getBytes(StandardCharsets.US_ASCII);
        long due = System.nanoTime();
        try {
            while (!stopped) {
                socket.getOutputStream().write(Load.PING.request());
                if (!Arrays.equals(socket.getInputStream().readNBytes(pong.length), pong)) {
                    throw new IOException("a PING was not answered with PONG");
                }
                long now = System.nanoTime();
                latencies.recordValue((now - due) / 1_000);
                due += period.toNanos();
                while (now < due && !stopped) {
                    TimeUnit.NANOSECONDS.sleep(due - now);
                    now = System.nanoTime();
                }
            }
        } catch (IOException e) {
            failure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does; the thread ends
        }
    }

    /** Stops, and gives the latencies in microseconds. */
    Histogram stop() throws IOException, InterruptedException {
        stopped = true;
        thread.join();
        if (failure != null) {
            throw failure;
        }
        return latencies;
    }

    @Override
    public void close() throws IOException {
        stopped = true;
        socket.close();
    }
}
