package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many commands at once wait in one place: all are answered, in turns, and without a thread for each. On virtual
 * threads: of the others each client has one in any case.
 */
@ParameterizedClass
@EnumSource(names = {"VIRTUAL_NATIVE", "VIRTUAL_JDK"})
class BurstTest {
    private static final int BURST = 400;
    private static final int SLOTS = 8;
    private static final int MAX_THREADS = 200;
    private static final int SAMPLES = 21;

    @Parameter
    private Variant variant;

    private static long info(RawClient probe, String field) throws IOException {
        return ((BulkString) probe.call("INFO")).text().lines().filter(line -> line.startsWith(field + ":"))
                .mapToLong(line -> Long.parseLong(line.substring(field.length() + 1))).findFirst().orElseThrow();
    }

    @Test
    void aBurstOfRunsIsAnsweredWhole() throws Exception {
        burst("RUN true");
    }

    @Test
    void aBurstOfJobsIsAnsweredWhole() throws Exception {
        burst("JOB START true");
    }

    @Test
    void aBurstOfIdsIsAnsweredWhole() throws Exception {
        burst("RUN ID # true");
    }

    private void burst(String request) throws Exception {
        try (TestServer server = TestServer.start(variant, exec -> exec.withMaxRunning(SLOTS)
                .withWaiting(BURST, Duration.ofMinutes(5))); RawClient probe = server.connect()) {
            List<RawClient> clients = new ArrayList<>();
            List<RawClient> holders = new ArrayList<>();
            try {
                for (int i = 0; i < SLOTS; i++) {
                    RawClient holder = Streamed.connect(server);
                    holders.add(holder);
                    holder.request("RUN", "STREAM", "cat");
                    Streamed.push(holder, "started");
                }
                for (int i = 0; i < BURST; i++) {
                    clients.add(server.connect());
                    clients.getLast().request(request.replace("#", "id-" + i).split(" "));
                }
                Await.until("all wait", Duration.ofSeconds(60), () -> info(probe, "waiting_for_slot") == BURST);
                long threads = HostProcesses.threads();
                for (RawClient holder : holders) {
                    holder.request("EOF");
                }
                threads = Math.max(threads, readAll(clients));
                assertThat(info(probe, "waiting_commands")).isZero();
                if (variant == Variant.VIRTUAL_NATIVE) {
                    assertThat(threads).isLessThanOrEqualTo(MAX_THREADS);
                }
            } finally {
                closeAll(clients);
                closeAll(holders);
            }
        }
    }

    /** Without a bound in the way but that of the engine's starts. */
    @Test
    void aBurstOfAllKindsNeedsNoSlots() throws Exception {
        try (TestServer server = TestServer.start(variant)) {
            List<RawClient> clients = new ArrayList<>();
            try {
                for (int i = 0; i < BURST; i++) {
                    clients.add(server.connect());
                }
                String[] kinds = {"RUN true", "JOB START true", "RUN ID # true"};
                for (int i = 0; i < BURST; i++) {
                    clients.get(i).request(kinds[i % kinds.length].replace("#", "id-" + i).split(" "));
                }
                long threads = readAll(clients);
                if (variant == Variant.VIRTUAL_NATIVE) {
                    assertThat(threads).isLessThanOrEqualTo(MAX_THREADS);
                }
            } finally {
                closeAll(clients);
            }
        }
    }

    /** Reads a good reply of each; returns how many threads this JVM had at most meanwhile. */
    private static long readAll(List<RawClient> clients) throws IOException {
        long threads = 0;
        for (int i = 0; i < clients.size(); i++) {
            if (i % 20 == 0) {
                threads = Math.max(threads, HostProcesses.threads());
            }
            clients.get(i).socket().setSoTimeout(60_000); // where starts are slow
            assertAnswered(clients.get(i).read());
        }
        return threads;
    }

    private static void assertAnswered(RespValue reply) {
        if (reply instanceof ArrayReply) {
            assertThat(RawClient.Reply.of(reply).state()).isEqualTo("exited");
        } else {
            assertThat(reply).as("a job's ID").isInstanceOf(BulkString.class);
        }
    }

    private static void closeAll(List<RawClient> clients) throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
    }

    @Test
    void aUserWithManyConnectionsDoesNotHoldUpAnother() throws Exception {
        isFairBeside("RUN sleep 0.02");
    }

    @Test
    void aUserWithManyJobsDoesNotHoldUpAnother() throws Exception {
        isFairBeside("JOB START sleep 0.02");
    }

    /** In turn, another user waits for the next slot or two; behind all others they would wait for hundreds. */
    private void isFairBeside(String request) throws Exception {
        int many = 300;
        try (TestServer server = TestServer.start(variant, UserPair.access(), limits -> limits.withExec(limits.exec()
                .withMaxRunning(SLOTS).withWaiting(2 * many, Duration.ofMinutes(5))));
                RawClient bob = UserPair.connect(server, "bob");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            AtomicLong answered = new AtomicLong();
            AtomicBoolean over = new AtomicBoolean();
            List<Future<Void>> loops = new ArrayList<>();
            try {
                for (int i = 0; i < many; i++) {
                    RawClient ada = UserPair.connect(server, "ada");
                    ada.socket().setSoTimeout(120_000);
                    loops.add(threads.submit(() -> {
                        try (ada) {
                            while (!over.get()) {
                                assertAnswered(ada.call(request.split(" ")));
                                answered.incrementAndGet();
                            }
                        }
                        return null;
                    }));
                }
                Await.until("they wait", Duration.ofSeconds(60),
                        () -> info(bob, "waiting_for_slot") > many - 5 * SLOTS);
                long[] before = new long[SAMPLES]; // commands of ada that bob waited for
                for (int i = 0; i < SAMPLES; i++) {
                    long soFar = answered.get();
                    assertThat(bob.run("RUN", "true").state()).isEqualTo("exited");
                    before[i] = answered.get() - soFar;
                }
                assertThat(info(bob, "waiting_for_slot")).isGreaterThan(many / 2);
                assertThat(Arrays.stream(before).sorted().skip(SAMPLES / 2).findFirst().orElseThrow())
                        .as("beside %s waiting", many).isLessThan(many / 4);
            } finally {
                over.set(true);
            }
            for (Future<Void> loop : loops) {
                loop.get();
            }
        }
    }
}
