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
 * period in nanoseconds. Prints {@link #BEGINS}, and at last {@link #LATENCIES} with them, or why it failed.
 */
final class PingProcess {
    static final String BEGINS = "begins";
    static final String LATENCIES = "latencies ";

    private static final byte[] PONG = "+PONG\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int PATIENCE_MS = 30_000;
    private static final int WARM_UP = 200;

    private final Socket socket;
    private final Histogram latencies = new Histogram(3); // microseconds
    private volatile boolean stopped; // written by the thread that reads stdin

    private PingProcess(Socket socket) {
        this.socket = socket;
    }

    public static void main(String[] args) throws InterruptedException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]))) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MS);
            new PingProcess(socket).run(Long.parseLong(args[1]));
        } catch (IOException e) {
            System.out.println(e);
        }
    }

    private void run(long periodNanos) throws IOException, InterruptedException {
        for (int i = 0; i < WARM_UP; i++) {
            ping(System.nanoTime());
        }
        latencies.reset();
        Thread.ofPlatform().daemon().start(this::awaitEnd);
        long due = System.nanoTime(); // what delays this process from here on counts
        System.out.println(BEGINS);
        while (!stopped) {
            long now = ping(due);
            due += periodNanos;
            while (now < due && !stopped) {
                TimeUnit.NANOSECONDS.sleep(due - now);
                now = System.nanoTime();
            }
        }
        System.out.println(LATENCIES + encoded());
    }

    private void awaitEnd() {
        try {
            System.in.readAllBytes();
        } catch (IOException e) {
            System.err.println("pinger: " + e); // and it ends all the same
        }
        stopped = true;
    }

    /** The time after it. */
    private long ping(long due) throws IOException {
        socket.getOutputStream().write(Load.PING.request());
        if (!Arrays.equals(socket.getInputStream().readNBytes(PONG.length), PONG)) {
            throw new IOException("a PING was not answered with PONG");
        }
        long now = System.nanoTime();
        latencies.recordValue((now - due) / 1_000);
        return now;
    }

    private String encoded() {
        ByteBuffer buffer = ByteBuffer.allocate(latencies.getNeededByteBufferCapacity());
        int length = latencies.encodeIntoByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }

    /** What a line that starts with {@link #LATENCIES} tells. */
    static Histogram decoded(String line) {
        byte[] bytes = Base64.getDecoder().decode(line.substring(LATENCIES.length()));
        return Histogram.decodeFromByteBuffer(ByteBuffer.wrap(bytes), 0);
    }
}
