package dev.heddle.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import javax.net.ssl.SSLSocketFactory;

/**
 * Clients of all kinds, good and bad, that go on until they are told to stop. What the good ones are answered is
 * checked. Whoever starts it ends it.
 */
final class MixedLoad {
    private static final int WORKERS = 8;
    private static final int OUTPUT_BYTES = 100_000;

    private final int plainPort;
    private final int tlsPort;
    private final SSLSocketFactory tls;
    private final String password;
    private final String mark;
    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>(); // by kind; workers write, anybody reads
    private volatile boolean stopped;

    /**
     * Nobody has connected as yet.
     *
     * @param password for AUTH
     * @param mark     the value of the variable MARK in what would stay behind if it were not ended
     */
    MixedLoad(int plainPort, int tlsPort, SSLSocketFactory tls, String password, String mark) {
        this.plainPort = plainPort;
        this.tlsPort = tlsPort;
        this.tls = tls;
        this.password = password;
        this.mark = mark;
    }

    private interface Kind {
        void go(Random random) throws Exception;
    }

    /** Runs until {@link #stop}; then returns how often each kind was done. Fails as soon as an answer is wrong. */
    Map<String, Long> run() throws Exception {
        List<Map.Entry<String, Kind>> kinds = List.of(Map.entry("ping", this::ping), Map.entry("run", this::run),
                Map.entry("output", this::output), Map.entry("background", this::background),
                Map.entry("stream", this::stream), Map.entry("job", this::job), Map.entry("subscribe", this::subscribe),
                Map.entry("timeout", this::timeOut), Map.entry("killed", this::leave), Map.entry("tls", this::tls));
        try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                Random random = new Random(i);
                all.add(workers.submit(() -> {
                    work(random, kinds);
                    return null;
                }));
            }
            all.add(workers.submit(() -> {
                work(new Random(WORKERS), List.of(Map.entry("failed login", this::failLogin))); // each is made to wait
                return null;
            }));
            for (Future<?> worker : all) {
                worker.get();
            }
        } finally {
            stopped = true;
        }
        Map<String, Long> sums = new TreeMap<>();
        counts.forEach((kind, count) -> sums.put(kind, count.sum()));
        return sums;
    }

    void stop() {
        stopped = true;
    }

    private void work(Random random, List<Map.Entry<String, Kind>> kinds) throws Exception {
        try {
            while (!stopped) {
                Map.Entry<String, Kind> kind = kinds.get(random.nextInt(kinds.size()));
                try {
                    kind.getValue().go(random);
                } catch (Exception | AssertionError e) {
                    throw new AssertionError("client of kind: " + kind.getKey(), e);
                }
                counts.computeIfAbsent(kind.getKey(), first -> new LongAdder()).increment();
            }
        } finally {
            stopped = true; // a failure ends all
        }
    }

    private RawClient connect() throws IOException {
        return loggedIn(new RawClient(plainPort));
    }

    private RawClient loggedIn(RawClient client) throws IOException {
        assertThat(client.call("AUTH", password)).isEqualTo(RespValue.SimpleString.OK);
        return client;
    }

    private void ping(Random random) throws IOException {
        try (RawClient client = connect()) {
            client.send("PING\r\n".repeat(100));
            for (int i = 0; i < 100; i++) {
                assertThat(client.read()).hasToString("SimpleString[text=PONG]");
            }
        }
    }

    private void run(Random random) throws IOException {
        try (RawClient client = connect()) {
            for (int i = 0; i < 10; i++) {
                assertThat(client.run("RUN", "true").code()).isZero();
            }
        }
    }

    private void output(Random random) throws IOException {
        try (RawClient client = connect()) {
            Reply reply = client.run("RUN", "head", "-c", Integer.toString(OUTPUT_BYTES), "/dev/zero");
            assertThat(reply.stdout()).hasSize(OUTPUT_BYTES);
        }
    }

    /** The background process holds stdout for longer than it is waited for. */
    private void background(Random random) throws IOException {
        try (RawClient client = connect()) {
            assertThat(client.run("SH", "ENV", "MARK", mark, "sleep 30 & echo on").out()).isEqualTo("on\n");
        }
    }

    private void stream(Random random) throws IOException {
        try (RawClient client = connect()) {
            client.call("HELLO", "3");
            client.request("RUN", "STREAM", "--", "wc", "-c");
            assertThat(client.read().toString()).contains("started");
            for (int i = 0; i < 10; i++) {
                client.request("STDIN", "x".repeat(1000));
            }
            client.request("EOF");
            StringBuilder out = new StringBuilder();
            RespValue value = client.read();
            while (value instanceof Push(List<RespValue> parts)) {
                if (((BulkString) parts.get(1)).text().equals("out")) {
                    out.append(((BulkString) parts.get(3)).text());
                }
                value = client.read();
            }
            assertThat(Reply.of(value).code()).isZero();
            assertThat(out.toString().strip()).isEqualTo("10000");
        }
    }

    private void job(Random random) throws IOException {
        try (RawClient client = connect()) {
            String id = ((BulkString) client.call("JOB", "START", "--", "head", "-c", "20000", "/dev/zero")).text();
            client.call("JOB", "WAIT", id);
            int bytes = 0;
            String cursor = "0";
            List<RespValue> chunks;
            do {
                List<RespValue> read = ((ArrayReply) client.call("JOB", "READ", id, cursor, "MAX", "7000")).values();
                chunks = ((ArrayReply) read.get(3)).values();
                for (RespValue chunk : chunks) {
                    bytes += ((BulkString) ((ArrayReply) chunk).values().get(2)).bytes().length;
                }
                cursor = read.get(0) instanceof RespValue.IntegerReply(long next) ? Long.toString(next)
                        : ((BulkString) read.get(0)).text();
            } while (!chunks.isEmpty());
            assertThat(bytes).isEqualTo(20_000);
            if (random.nextBoolean()) { // the others are dropped when there are too many
                client.call("JOB", "RM", id);
            }
        }
    }

    private void subscribe(Random random) throws IOException {
        try (RawClient client = connect()) {
            String id = ((BulkString) client.call("JOB", "START", "--", "sh", "-c", "echo a; sleep 0.1; echo b"))
                    .text();
            assertThat(client.call("SUBSCRIBE", "job:" + id).toString()).contains("subscribe");
            assertThat(client.read().toString()).contains("message"); // and the rest finds nobody
        }
    }

    private void timeOut(Random random) throws IOException {
        try (RawClient client = connect()) {
            assertThat(client.run("SH", "ENV", "MARK", mark, "TIMEOUT", "100", "sleep 600 & sleep 600").state())
                    .isEqualTo("timeout");
        }
    }

    private void leave(Random random) throws Exception {
        RawClient client = connect();
        client.request("SH", "ENV", "MARK", mark, "yes & sleep 600");
        TimeUnit.MILLISECONDS.sleep(random.nextInt(50)); // before the start, at it, or behind it
        if (random.nextBoolean()) {
            client.reset();
        } else {
            client.close();
        }
    }

    private void tls(Random random) throws IOException {
        try (Socket socket = tls.createSocket("127.0.0.1", tlsPort);
                RawClient client = loggedIn(new RawClient(socket))) {
            Reply reply = client.run("RUN", "head", "-c", Integer.toString(OUTPUT_BYTES), "/dev/zero");
            assertThat(reply.stdout()).hasSize(OUTPUT_BYTES);
            if (random.nextBoolean()) {
                client.reset();
            }
        }
    }

    /** From an address of its own: failures make all logins of an address wait. */
    private void failLogin(Random random) throws IOException {
        try (RawClient client = new RawClient(
                new Socket("127.0.0.1", plainPort, InetAddress.getByName("127.0.0.2"), 0))) {
            assertThat(client.call("AUTH", "guess-" + random.nextInt())).isInstanceOf(ErrorReply.class);
            assertThat(client.call("RUN", "true")).hasToString("ErrorReply[text=NOAUTH Authentication required.]");
        }
    }
}
