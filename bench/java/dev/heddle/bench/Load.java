package dev.heddle.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.HdrHistogram.Histogram;

/**
 * Many clients on one thread, each with a connection of its own and one request under way at most. One selector,
 * so that the clients cost little on a machine where the server is what is to be measured. Belongs to the thread
 * that makes it, which closes it too.
 */
public final class Load implements AutoCloseable {
    /** PING, answered with PONG. */
    public static final Exchange PING = new Exchange(request("PING"), "+PONG\r\n", 0);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Selector selector;
    private final List<Client> clients = new ArrayList<>();
    private final Exchange exchange;
    private int underWay;
    private long unsent; // requests that may still be sent
    private long replies;
    private long failures;
    private String firstFailure;
    private long countFrom; // System.nanoTime; what is answered in between counts
    private long countTo;
    private Histogram latencies;

    /**
     * What is sent and what must come back.
     *
     * @param reply      what the reply begins with
     * @param linesAfter how many lines of any content follow that
     */
    public record Exchange(byte[] request, byte[] reply, int linesAfter) {
        Exchange(byte[] request, String reply, int linesAfter) {
            this(request, reply.getBytes(StandardCharsets.US_ASCII), linesAfter);
        }

        /** A command that prints nothing and exits with 0. */
        public static Exchange run(String... argv) {
            String[] words = new String[argv.length + 2];
            words[0] = "RUN";
            words[1] = "--";
            System.arraycopy(argv, 0, words, 2, argv.length);
            return new Exchange(Load.request(words), "*5\r\n$6\r\nexited\r\n:0\r\n$0\r\n\r\n$0\r\n\r\n*7\r\n", 7);
        }
    }

    /**
     * How it went.
     *
     * @param replies      right ones that came while it counted
     * @param failures     error replies, at any time
     * @param firstFailure null when there was none
     * @param latencies    of the replies, in microseconds
     */
    public record Result(long replies, double seconds, long failures, String firstFailure, Histogram latencies) {
        /** Itself. */
        public Result orThrow() throws IOException {
            if (failures > 0) {
                throw new IOException(failures + " wrong replies, the first: " + firstFailure);
            }
            return this;
        }

        public double perSecond() {
            return replies / seconds;
        }
    }

    private static final class Client {
        private final SocketChannel channel;
        private final ByteBuffer in = ByteBuffer.allocateDirect(512);
        private long sentAt;

        Client(SocketChannel channel) {
            this.channel = channel;
        }
    }

    /** Connects the clients, one after the other. */
    public Load(int port, int clients, Exchange exchange) throws IOException {
        this.exchange = exchange;
        selector = Selector.open();
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try {
            for (int i = 0; i < clients; i++) {
                SocketChannel channel = SocketChannel.open();
                Client client = new Client(channel);
                this.clients.add(client);
                channel.connect(address);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ, client);
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    static byte[] request(String... words) {
        StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** Sends so many requests, shared by the clients as they get their replies. Returns with the last reply. */
    public Result run(long requests) throws IOException {
        long start = System.nanoTime();
        begin(requests, start, Long.MAX_VALUE);
        finish();
        return result(System.nanoTime() - start);
    }

    /** Keeps every client busy: counts nothing for the warm-up time, then what comes in the measured time. */
    public Result run(Duration warmUp, Duration measured) throws IOException {
        long start = System.nanoTime() + warmUp.toNanos();
        begin(Long.MAX_VALUE, start, start + measured.toNanos());
        finish();
        return result(measured.toNanos());
    }

    /** Sends one request by each client and waits for nothing: the replies are nobody's. */
    public void sendOnce() throws IOException {
        for (Client client : clients) {
            send(client);
        }
    }

    private void begin(long requests, long from, long to) throws IOException {
        unsent = requests;
        replies = 0;
        failures = 0;
        firstFailure = null;
        countFrom = from;
        countTo = to;
        latencies = new Histogram(3);
        for (Client client : clients) {
            sendNext(client);
        }
    }

    private void finish() throws IOException {
        try {
            while (underWay > 0) {
                int ready = selector.select(this::receive, PATIENCE.toMillis());
                if (Thread.interrupted()) {
                    throw new InterruptedIOException("the step was not done in time");
                }
                if (ready == 0) {
                    throw new IOException(underWay + " clients have no reply after " + PATIENCE.toSeconds() + " s");
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private Result result(long nanos) {
        return new Result(replies, nanos / 1e9, failures, firstFailure, latencies);
    }

    private void sendNext(Client client) throws IOException {
        if (unsent > 0 && (countTo == Long.MAX_VALUE || System.nanoTime() < countTo)) {
            unsent--;
            underWay++;
            send(client);
        }
    }

    private void send(Client client) throws IOException {
        client.sentAt = System.nanoTime();
        ByteBuffer out = ByteBuffer.wrap(exchange.request);
        while (out.hasRemaining()) {
            client.channel.write(out); // a few bytes, with nothing before them: this does not spin
        }
    }

    private void receive(SelectionKey key) {
        Client client = (Client) key.attachment();
        try {
            if (client.channel.read(client.in) < 0) {
                throw new EOFException("the server has closed a connection");
            }
            if (complete(client)) {
                underWay--;
                sendNext(client);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean complete(Client client) throws IOException {
        ByteBuffer in = client.in;
        int length = in.position();
        if (length == 0) {
            return false;
        }
        if (in.get(0) == '-') {
            if (in.get(length - 1) != '\n') {
                return false;
            }
            failures++;
            if (firstFailure == null) {
                firstFailure = text(in);
            }
            in.clear();
            return true;
        }
        byte[] expected = exchange.reply;
        for (int i = 0; i < Math.min(length, expected.length); i++) {
            if (in.get(i) != expected[i]) {
                throw new IOException("wrong reply: " + text(in));
            }
        }
        int lines = 0;
        for (int i = expected.length; i < length; i++) {
            if (in.get(i) == '\n') {
                lines++;
            }
        }
        if (length < expected.length || lines < exchange.linesAfter) {
            return false;
        }
        if (lines > exchange.linesAfter || in.get(length - 1) != '\n') {
            throw new IOException("more than a reply: " + text(in));
        }
        in.clear();
        long now = System.nanoTime();
        if (now >= countFrom && now < countTo) {
            replies++;
            latencies.recordValue((now - client.sentAt) / 1_000);
        }
        return true;
    }

    private static String text(ByteBuffer in) {
        byte[] bytes = new byte[in.position()];
        in.duplicate().flip().get(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1).strip().replace("\r\n", "⏎");
    }

    @Override
    public void close() throws IOException {
        for (Client client : clients) {
            client.channel.close();
        }
        selector.close();
    }
}
