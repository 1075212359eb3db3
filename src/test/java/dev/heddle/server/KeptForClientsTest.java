package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.job.JobLimits;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.testing.Await;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients make the server keep is bounded, or counted in the memory budget until it is gone. */
@ParameterizedClass
@EnumSource(Variant.class)
class KeptForClientsTest {
    private static final int LONGEST_NAME = 256;

    @Parameter
    private Variant variant;

    private static String error(RespValue reply) {
        assertThat(reply).isInstanceOf(ErrorReply.class);
        return ((ErrorReply) reply).text();
    }

    @Test
    void namesOfClientsAreShort() throws Exception {
        String name = "n".repeat(LONGEST_NAME);
        String longer = name + "n";
        try (TestServer server = TestServer.start(variant); RawClient client = server.connect()) {
            assertThat(client.call("CLIENT", "SETNAME", name)).isEqualTo(SimpleString.OK);
            assertThat(client.call("CLIENT", "SETINFO", "LIB-NAME", name)).isEqualTo(SimpleString.OK);
            assertThat(client.call("CLIENT", "SETINFO", "LIB-VER", name)).isEqualTo(SimpleString.OK);
            assertThat(error(client.call("CLIENT", "SETNAME", longer)))
                    .isEqualTo("ERR Client names cannot be longer than 256 bytes.");
            assertThat(error(client.call("HELLO", "2", "SETNAME", longer)))
                    .isEqualTo("ERR Client names cannot be longer than 256 bytes.");
            assertThat(error(client.call("CLIENT", "SETINFO", "LIB-NAME", longer)))
                    .isEqualTo("ERR LIB-NAME cannot be longer than 256 bytes.");
            assertThat(error(client.call("CLIENT", "SETINFO", "LIB-VER", "v".repeat(1 << 20))))
                    .isEqualTo("ERR LIB-VER cannot be longer than 256 bytes.");
            assertThat(client.call("CLIENT", "GETNAME")).isEqualTo(BulkString.of(name));
            assertThat(((BulkString) client.call("CLIENT", "INFO")).text())
                    .contains("lib-name=" + name + " lib-ver=" + name + " ");
        }
    }

    /** Each of them would be held against each client. */
    @Test
    void filtersOfClientsAreFew() throws Exception {
        List<String> words = new ArrayList<>(List.of("CLIENT", "LIST", "ID"));
        words.addAll(Collections.nCopies(20_000, "1"));
        try (TestServer server = TestServer.start(variant); RawClient client = server.connect()) {
            assertThat(error(client.call(words.toArray(String[]::new))))
                    .isEqualTo("ERR more than 10000 words to choose clients by");
            words.set(1, "KILL");
            words.add("ID");
            assertThat(error(client.call(words.toArray(String[]::new))))
                    .isEqualTo("ERR more than 10000 words to choose clients by");
            assertThat(client.call("CLIENT", "LIST", "ID", "1", "1", "7").toString()).contains("id=1 ")
                    .doesNotContain("id=7 ");
        }
    }

    @Test
    void wordsThatNoKernelTakesAreNotLookedAt() throws Exception {
        try (TestServer server = TestServer.start(variant); RawClient client = server.connect()) {
            byte[] large = "x".repeat(7 << 20).getBytes();
            for (byte[][] request : new byte[][][] {{"RUN".getBytes(), large}, {"SH".getBytes(), large},
                {"RUN".getBytes(), "ENV".getBytes(), "PATH".getBytes(), large, "true".getBytes()},
                {"RUN".getBytes(), "CWD".getBytes(), large, "true".getBytes()},
                {"JOB".getBytes(), "START".getBytes(), large}}) {
                assertThat(error(client.request(request).read())).isEqualTo("TOOBIG the argument list is too long");
            }
            assertThat(((ArrayReply) client.call("JOB", "LIST")).values()).isEmpty();
        }
    }

    private static long reserved(TestServer server) {
        return server.server().service().status().budgetUsedBytes();
    }

    private static byte[] ascii(String word) {
        return word.getBytes(StandardCharsets.US_ASCII);
    }

    /** A client that the kernel takes little for, so that a reply of many MiB gets stuck. */
    private static RawClient lazy(TestServer server) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
        return new RawClient(socket);
    }

    private static void awaitReply(RawClient client) throws Exception {
        Await.until("its reply is under way", () -> client.socket().getInputStream().available() > 0);
    }

    @Test
    void whatAJobWasGivenCountsAsLongAsItIsNeeded() throws Exception {
        try (TestServer server = TestServer.start(variant); RawClient client = server.connect()) {
            String id = ((BulkString) client.request(ascii("JOB"), ascii("START"), ascii("ENV"), ascii("X"),
                    new byte[0], ascii("STDIN"), new byte[3_000_000], ascii("sleep"), ascii("600")).read()).text();
            assertThat(reserved(server)).isGreaterThan(3_000_000);
            client.call("JOB", "SIGNAL", id, "KILL");
            client.call("JOB", "WAIT", id);
            Await.until("what nobody asks for any more is given back", () -> reserved(server) < 10_000);
            assertThat(reserved(server)).as("its words are shown").isPositive();
            client.call("JOB", "RM", id);
            assertThat(reserved(server)).isZero();
        }
    }

    @Test
    void theWordsOfARequestCountUntilTheyAreSent() throws Exception {
        try (TestServer server = TestServer.start(variant); RawClient lazy = lazy(server)) {
            lazy.request(ascii("ECHO"), new byte[30 << 20]);
            awaitReply(lazy);
            assertThat(reserved(server)).isGreaterThan(30 << 20);
            lazy.reset();
            Await.until("it is given back", () -> reserved(server) == 0);
        }
    }

    /** Dropped as soon as it is there, and still on its way to whoever waited for it. */
    @Test
    void aResultThatIsBeingSentCountsAlthoughItIsDropped() throws Exception {
        try (TestServer server = TestServer.start(variant, Optional.empty(),
                limits -> limits.withJobs(new JobLimits(0, Duration.ofMinutes(10))));
                RawClient lazy = lazy(server); RawClient other = server.connect()) {
            lazy.request("RUN", "ID", "one", "MAXOUT", "30000000", "head", "-c", "30000000", "/dev/zero");
            awaitReply(lazy);
            Await.until("it is dropped", () -> other.call("RUN", "ID", "one", "MAXOUT", "30000000", "head", "-c",
                    "30000000", "/dev/zero") instanceof ErrorReply gone && gone.text().startsWith("GONE "));
            assertThat(reserved(server)).isGreaterThan(30_000_000);
            lazy.reset();
            Await.until("it is given back", () -> reserved(server) < 10_000);
        }
    }

    @Test
    void streamsThatWaitHoldNoWindow() throws Exception {
        try (TestServer server = TestServer.start(variant); RawClient client = server.connect()) {
            client.call("HELLO", "3");
            for (int i = 0; i < 50; i++) {
                client.request("RUN", "STREAM", "sleep", "600");
            }
            client.request("SIGNAL", "CONT"); // read behind them, and for the first
            assertThat(client.read() + " and " + client.read()).contains("started", "signaled");
            assertThat(reserved(server)).isPositive().isLessThan(200_000);
            client.reset();
            Await.until("it is given back", () -> reserved(server) == 0);
        }
    }

    @Test
    void aConnectionThatWaitsHoldsNothingOfItsLastCommand() throws Exception {
        int large = 16 << 20;
        List<RawClient> clients = new ArrayList<>();
        try (TestServer server = TestServer.start(variant)) {
            long before = liveBytes();
            for (int i = 0; i < 4; i++) {
                RawClient printing = server.connect();
                clients.add(printing);
                assertThat(printing.run("RUN", "MAXOUT", Integer.toString(large), "head", "-c",
                        Integer.toString(large), "/dev/zero").stdout()).hasSize(large);
                RawClient streaming = Streamed.connect(server);
                clients.add(streaming);
                streaming.request("RUN".getBytes(StandardCharsets.US_ASCII),
                        "STREAM".getBytes(StandardCharsets.US_ASCII), "STDIN".getBytes(StandardCharsets.US_ASCII),
                        new byte[large], "true".getBytes(StandardCharsets.US_ASCII));
                Streamed.readAll(streaming);
            }
            assertThat(liveBytes() - before).isLessThan(2L * large);
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    private static long liveBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Test
    void theTextOfAPingBesideAStreamIsShort() throws Exception {
        try (TestServer server = TestServer.start(variant); RawClient client = server.connect()) {
            client.call("HELLO", "3");
            client.request("RUN", "STREAM", "sleep", "600");
            assertThat(client.read().toString()).contains("started");
            assertThat(client.call("PING", "x".repeat(4096)).toString()).contains("pong");
            assertThat(client.call("PING", "x".repeat(4097)).toString()).contains("at most 4096 bytes");
            client.reset();
        }
    }

    @Test
    void repliesAndSubscriptionsHaveToFitTheBudget() throws Exception {
        try (TestServer server = TestServer.start(variant, exec -> exec.withBudgetBytes(64 << 10));
                RawClient client = server.connect()) {
            List<RawClient> others = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                RawClient other = server.connect();
                other.call("PING");
                others.add(other);
            }
            assertThat(error(client.call("CLIENT", "LIST"))).startsWith("BUSY ");
            for (RawClient other : others) {
                other.close();
            }
            Await.until("there is room", () -> client.call("CLIENT", "LIST") instanceof BulkString);
            int subscribed = 0;
            RespValue reply = SimpleString.OK;
            List<String> jobs = new ArrayList<>();
            for (int i = 0; i < 10 && !(reply instanceof ErrorReply); i++) {
                reply = client.call("JOB", "START", "--", "sleep", "600");
                if (reply instanceof BulkString id) {
                    jobs.add(id.text());
                }
            }
            try (RawClient listening = server.connect()) {
                do {
                    reply = listening.call("SUBSCRIBE", "job:" + jobs.get(subscribed));
                    subscribed++;
                } while (!(reply instanceof ErrorReply) && subscribed < jobs.size());
                assertThat(error(reply)).startsWith("BUSY the memory for subscriptions");
            }
            for (String id : jobs) {
                client.call("JOB", "SIGNAL", id, "KILL");
            }
        }
    }

    @Test
    void aReaderWithoutMemoryGetsSmallPages() throws Exception {
        try (TestServer server = TestServer.start(variant, exec -> exec.withBudgetBytes(200_000));
                RawClient client = server.connect()) {
            String id = ((BulkString) client.call("JOB", "START", "STDIN", "", "MAXOUT", "100000", "--", "sh", "-c",
                    "head -c 100000 /dev/zero; exec sleep 600")).text();
            Await.until("it has printed", () -> client.call("JOB", "INFO", id).toString().contains("100000]"));
            long cursor = 0;
            int pages = 0;
            while (cursor < 100_000) {
                ArrayReply page = (ArrayReply) client.call("JOB", "READ", id, Long.toString(cursor), "MAX", "1000000");
                cursor = ((IntegerReply) page.values().getFirst()).value();
                pages++;
            }
            assertThat(pages).isGreaterThan(1);
            client.call("JOB", "SIGNAL", id, "KILL");
        }
    }
}
