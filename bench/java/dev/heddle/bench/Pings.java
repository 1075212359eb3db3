package dev.heddle.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

import org.HdrHistogram.Histogram;

/**
 * The process of a {@link Pinger}: pings at a fixed rate until its stdin ends, and takes the time from when each PING
 * was due, so that a server that stalls is not asked less (no coordinated omission). Arguments: the port, and the
 * period in nanoseconds. Prints a line when it begins, and at the end the latencies.
 */
final class Pings {
    private static final byte[] PONG = "+PONG\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int PATIENCE_MS = 30_000;
    private static final int WARM_UP = 200;

    private static volatile boolean stopped; // written by the thread that reads stdin

    private Pings() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]))) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MS);
            for (int i = 0; i < WARM_UP; i++) {
                ping(socket);
            }
            Thread.ofPlatform().daemon().start(Pings::awaitEnd);
            System.out.println("begins");
            System.out.println(encoded(latencies(socket, Long.parseLong(args[1]))));
        }
    }

    private static void awaitEnd() {
        try {
            System.in.readAllBytes();
        } catch (IOException e) {
            System.err.println("pinger: " + e); // and it ends all the same
        }
        stopped = true;
    }

    /** In microseconds. */
    private static Histogram latencies(Socket socket, long periodNanos) throws IOException, InterruptedException {
        Histogram latencies = new Histogram(3);
        long due = System.nanoTime();
        while (!stopped) {
            ping(socket);
            long now = System.nanoTime();
            latencies.recordValue((now - due) / 1_000);
            due += periodNanos;
            while (now < due && !stopped) {
                TimeUnit.NANOSECONDS.sleep(due - now);
                now = System.nanoTime();
            }
        }
        return latencies;
    }

    private static void ping(Socket socket) throws IOException {
        socket.getOutputStream().write(Load.PING.request());
        if (!Arrays.equals(socket.getInputStream().readNBytes(PONG.length), PONG)) {
            throw new IOException("a PING was not answered with PONG");
        }
    }

    private static String encoded(Histogram latencies) {
        ByteBuffer buffer = ByteBuffer.allocate(latencies.getNeededByteBufferCapacity());
        int length = latencies.encodeIntoByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }

    /** What the last line of such a process tells. */
    static Histogram decoded(String line) {
        return Histogram.decodeFromByteBuffer(ByteBuffer.wrap(Base64.getDecoder().decode(line)), 0);
    }
}
