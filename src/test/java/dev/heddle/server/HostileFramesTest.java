package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.ProtocolException;
import dev.heddle.resp.ReplyLimits;
import dev.heddle.resp.ReplyReader;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.server.ServerConfig.Transports;
import dev.heddle.testing.Await;
import dev.heddle.testing.HarmlessServer;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.Variant;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random and mutated requests over real sockets; {@code -Dheddle.hostile.frames} and {@code -Dheddle.hostile.seed} ask
 * for more of them, and for others. Whatever comes, what can be answered is answered in valid RESP, the
 * connection ends when the client wants it to, and afterwards the server is as new.
 */
@ParameterizedClass
@EnumSource(names = {"VIRTUAL_NATIVE", "PLATFORM_NATIVE"})
@Timeout(300)
class HostileFramesTest {
    private static final long SEED = Long.getLong("heddle.hostile.seed", 42);
    private static final int FRAMES = Integer.getInteger("heddle.hostile.frames", 100_000);
    private static final int CLIENTS = 4;
    private static final int LONGEST_PIPELINE = 24;
    private static final ReplyLimits REPLY_LIMITS = new ReplyLimits(4096, 1 << 20, 4 << 20, 8);

    @Parameter
    private Variant variant;

    private HarmlessServer server;

    @BeforeEach
    void start() throws Exception {
        server = new HarmlessServer(variant, Transports.PLAIN, limits -> limits);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** The large run is for the usual threads; the others have the same code above them. */
    private int frames() {
        return variant == Variant.VIRTUAL_NATIVE ? FRAMES : FRAMES / 10;
    }

    private record Tally(int frames, int connections, int replies) {
        Tally plus(Tally other) {
            return new Tally(frames + other.frames, connections + other.connections, replies + other.replies);
        }
    }

    @Test
    void anyFramesAreAnsweredOrRefused() throws Exception {
        Tally all = new Tally(0, 0, 0);
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<Tally>> tallies = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                long seed = SEED + i;
                tallies.add(clients.submit(() -> send(new HostileFrames(seed), frames() / CLIENTS)));
            }
            for (Future<Tally> tally : tallies) {
                all = all.plus(tally.get());
            }
        }
        server.awaitAsNew();
        System.out.printf("hostile: %d frames, %d connections, %d replies, seeds %d to %d, %s%n", all.frames,
                all.connections, all.replies, SEED, SEED + CLIENTS - 1, variant);
        assertThat(all.frames).isGreaterThanOrEqualTo(frames());
        assertThat(all.replies).as("most of it was understood").isGreaterThan(all.frames / 2);
    }

    private Tally send(HostileFrames frames, int count) throws Exception {
        Tally tally = new Tally(0, 0, 0);
        while (tally.frames < count) {
            Pipeline pipeline = Pipeline.of(frames, "end-" + tally.connections);
            try {
                int replies = pipeline.sendTo(server.port(ListenAddress.Scheme.RESP), frames.random());
                tally = tally.plus(new Tally(pipeline.frames.size(), 1, replies));
            } catch (Exception | AssertionError e) {
                throw new AssertionError("these frames: " + pipeline, e);
            }
        }
        return tally;
    }

    /**
     * What one connection sends: odd requests, and then either a marker that must be answered, or a frame that is
     * most likely broken.
     */
    private record Pipeline(List<byte[]> frames, String marker, boolean marked, boolean counted) {
        static Pipeline of(HostileFrames hostile, String marker) {
            List<byte[]> frames = new ArrayList<>();
            boolean counted = true;
            for (int i = hostile.random().nextInt(LONGEST_PIPELINE - 2); i >= 0; i--) {
                HostileFrames.Framed framed = hostile.wellFramed();
                counted &= framed.counted();
                frames.add(framed.bytes());
            }
            boolean marked = hostile.random().nextBoolean();
            if (marked) {
                frames.add(HostileFrames.latin1("*1\r\n$5\r\nRESET\r\n"));
                frames.add(HostileFrames.latin1("ECHO " + marker + "\r\n"));
            } else {
                frames.add(hostile.broken());
            }
            return new Pipeline(frames, marker, marked, counted);
        }

        /** Returns how many replies there were. */
        int sendTo(int port, Random random) throws Exception {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            frames.forEach(all::writeBytes);
            try (Socket socket = new Socket("127.0.0.1", port)) {
                socket.setTcpNoDelay(true);
                socket.setSoTimeout(30_000);
                socket.setSoLinger(true, 0); // no port is to wait for the end of its time
                List<RespValue> replies = new ArrayList<>();
                boolean reset = false;
                try {
                    write(socket, all.toByteArray(), random);
                    socket.shutdownOutput();
                } catch (IOException e) {
                    reset = true; // a client that speaks another protocol is cut off
                }
                reset |= readAll(socket, replies);
                judge(replies, reset);
                return replies.size();
            }
        }

        private void write(Socket socket, byte[] bytes, Random random) throws IOException {
            int from = 0;
            while (from < bytes.length) {
                int to = Math.min(bytes.length, from + 1 + random.nextInt(random.nextInt(4) == 0 ? 8 : 200));
                socket.getOutputStream().write(bytes, from, to - from);
                from = to;
            }
        }

        /** Returns whether the connection was reset. */
        private static boolean readAll(Socket socket, List<RespValue> replies) throws IOException {
            ReplyReader reader = new ReplyReader(socket.getInputStream(), REPLY_LIMITS);
            try {
                while (true) {
                    replies.add(reader.read());
                }
            } catch (ProtocolException e) {
                throw new AssertionError("not RESP, behind " + replies, e);
            } catch (EOFException e) {
                return false;
            } catch (SocketException e) {
                return true;
            }
        }

        private void judge(List<RespValue> replies, boolean reset) {
            if (marked) {
                assertThat(reset).as("reset").isFalse();
                assertThat(replies).as("the last reply").isNotEmpty().last().isEqualTo(BulkString.of(marker));
                if (counted) {
                    assertThat(replies).as("one each").hasSameSizeAs(frames);
                }
            }
        }

        @Override
        public String toString() {
            return frames.stream().map(HostileFrames::shown).toList().toString();
        }
    }

    /** Replies that are the same each time, whatever became of other clients. */
    private List<String> steady() {
        List<String> steady = new ArrayList<>(List.of("*1\r\n$4\r\nPING\r\n", "*2\r\n$4\r\nECHO\r\n$5\r\na\r\nb*\r\n",
                "ECHO \"a\\x0d\\n\" \r\nPING 'it\\'s'\r\n", "*3\r\n$3\r\nRUN\r\n$2\r\nzz\r\n$0\r\n\r\nPING\r\n",
                "*5\r\n$3\r\nRUN\r\n$7\r\nTIMEOUT\r\n$1\r\n9\r\n$2\r\n--\r\n$2\r\nzz\r\n", "*-1\r\n*0\r\n\r\nPING\n",
                "*1\r\n$4\r\nPING\r\n*1\r\n$3\r\nFOO\r\n*x\r\n", "*2\r\n$4\r\nPING\r\n$-1\r\n", "*1\r\nPING\r\n",
                "*1\r\n$4\r\nPINGS\r\n", "PING \"\r\n", "*1048577\r\n", "*1\r\n$2147483647\r\n", "QUIT\r\nPING\r\n",
                "*3\r\n$9\r\nSUBSCRIBE\r\n$5\r\njob:a\r\n$1\r\nb\r\nPING\r\n",
                "SUBSCRIBE x\r\nECHO y\r\nRESET\r\n",
                "*2\r\n$5\r\nHELLO\r\n$1\r\n9\r\n",
                "*3\r\n$3\r\nJOB\r\n$4\r\nREAD\r\n$1\r\nx\r\n", "SIGNAL TERM\r\nEOF\r\n",
                "*1\r\n$4\r\nPI", "RUN STREAM zz\r\nECHO a\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\nRUN echo a\r\n",
                "POST / HTTP/1.1\r\nContent-Length: 12\r\n\r\nRUN echo a\r\n",
                "\u0016\u0003\u0001\u0000\u0005PING\r\n"));
        HostileFrames hostile = new HostileFrames(SEED);
        while (steady.size() < (variant == Variant.VIRTUAL_NATIVE ? 60 : 30)) {
            byte[] broken = hostile.broken();
            String text = new String(broken, StandardCharsets.ISO_8859_1);
            String upper = text.toUpperCase(Locale.ROOT);
            if (broken.length < 100 && !upper.matches("(?s).*(CLIENT|INFO|HELLO|JOB|TRUE|ECHO|SH\r).*")) {
                steady.add(text);
            }
        }
        return steady;
    }

    @Test
    void wherePacketsEndMakesNoDifference() throws Exception {
        List<String> inputs = steady();
        int splits = 0;
        for (String input : inputs) {
            byte[] bytes = HostileFrames.latin1(input);
            String whole = replyTo(bytes, bytes.length);
            for (int at = 1; at < bytes.length; at++) {
                assertThat(replyTo(bytes, at)).as("%s split at %d", HostileFrames.shown(bytes), at).isEqualTo(whole);
            }
            assertThat(replyTo(bytes, -1)).as("%s byte by byte", HostileFrames.shown(bytes)).isEqualTo(whole);
            splits += bytes.length;
        }
        server.awaitAsNew();
        System.out.printf("hostile: %d inputs split at every byte, %d connections, seed %d, %s%n", inputs.size(),
                splits + inputs.size(), SEED, variant);
    }

    /** @param at where a packet ends, or -1 for packets of one byte each */
    private String replyTo(byte[] bytes, int at) throws IOException {
        try (RawClient client = server.connect()) {
            client.socket().setTcpNoDelay(true);
            client.socket().setSoLinger(true, 0);
            try {
                if (at < 0) {
                    for (byte b : bytes) {
                        client.send(new byte[] {b});
                    }
                } else {
                    client.send(Arrays.copyOf(bytes, at));
                    client.send(Arrays.copyOfRange(bytes, at, bytes.length));
                }
                return client.halfClose().readToEnd();
            } catch (SocketException e) {
                return ""; // cut off without a word, as clients of other protocols are
            }
        }
    }

    /** An announcement costs the client some bytes. It must not cost the server more than that. */
    @Test
    void hugeCountsReserveNothing() throws Exception {
        int count = variant == Variant.VIRTUAL_NATIVE ? 500 : 100;
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RawClient client = server.connect();
            clients.add(client);
            client.send(switch (i % 5) {
                case 0 -> "*1048576\r\n";
                case 1 -> "*2\r\n$4\r\nECHO\r\n$67000000\r\n" + "x".repeat(1000);
                case 2 -> "*1048576\r\n" + "$1\r\nx\r\n".repeat(200);
                case 3 -> "*2\r\n$67000000\r\n";
                default -> "*1000000\r\n$0\r\n";
            });
        }
        try (RawClient good = server.connect()) {
            assertThat(good.call("PING")).hasToString("SimpleString[text=PONG]");
        }
        assertThat(server.server().service().status().budgetUsedBytes()).as("for %d announcements", count)
                .isLessThanOrEqualTo(count * (128L << 10));
        for (RawClient client : clients) {
            client.reset();
        }
        server.awaitAsNew();
        System.out.printf("hostile: %d huge announcements, %s%n", count, variant);
    }

    /** A word that is refused comes back in the reply, and need not come back whole. */
    @Test
    void errorsStayShort() throws Exception {
        String word = "A".repeat(1 << 20);
        List<List<String>> requests = List.of(List.of(word), List.of("FOO", word), List.of("JOB", word),
                List.of("JOB", "INFO", word), List.of("JOB", "START", word),
                List.of("JOB", "START", "TIMEOUT", word, "x"),
                List.of("RUN", word), List.of("RUN", "TIMEOUT", word, "x"), List.of("RUN", "LIMIT", word, "x"),
                List.of("RUN", "ID", word, "x"), List.of("RUN", "ENV", word, "=", "x"),
                List.of("RUN", "CWD", word, "true"),
                List.of("RUN", word, "--", "x"), List.of("CLIENT", word), List.of("CLIENT", "SETINFO", word, "x"),
                List.of("CLIENT", "KILL", "ID", word), List.of("CLIENT", "LIST", word), List.of("HELLO", word),
                List.of("HELLO", "3", word), List.of("SELECT", word), List.of("CONFIG", word, "x"),
                List.of("COMMAND", word), List.of("SIGNAL", word), List.of("AUTH", word),
                List.of("SUBSCRIBE", "y" + word));
        List<String> tooLong = new ArrayList<>();
        for (List<String> request : requests) {
            try (RawClient client = server.connect()) {
                String reply = client.request(request.toArray(String[]::new)).halfClose().readToEnd();
                assertThat(reply).isNotEmpty();
                if (reply.startsWith("-") && reply.length() > 1100) {
                    tooLong.add(request.stream().map(text -> text.length() > 100 ? "<1 MiB>" : text).toList() + ": "
                            + reply.length());
                }
            }
        }
        assertThat(tooLong).isEmpty();
        Await.until("nothing is kept", () -> server.server().service().status().budgetUsedBytes() == 0);
    }
}
