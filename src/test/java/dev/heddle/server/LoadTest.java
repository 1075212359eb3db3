package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Many clients at once: nothing is lost, nothing stands still. */
@ParameterizedClass
@EnumSource(Variant.class)
class LoadTest {
    @Parameter
    private Variant variant;

    private final String mark = UUID.randomUUID().toString();

    @Test
    void outputIsWholeHoweverBusyTheHostIs() throws Exception {
        try (TestServer server = TestServer.start(variant);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Reply>>> replies = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                replies.add(clients.submit(() -> runThrice(server)));
            }
            for (Future<List<Reply>> three : replies) {
                assertThat(three.get()).allSatisfy(reply -> {
                    assertThat(reply.state()).isEqualTo("exited");
                    assertThat(reply.stdout()).hasSize(65_536);
                    assertThat(reply.usage().subList(4, 7)).containsExactly(65_536L, 0L, 0L);
                });
            }
        }
    }

    private static List<Reply> runThrice(TestServer server) throws IOException {
        try (RawClient client = server.connect()) {
            List<Reply> replies = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                replies.add(client.run("RUN", "head", "-c", "65536", "/dev/zero"));
            }
            return replies;
        }
    }

    @Test
    void requestsThatWaitAreBoundedTogether() throws Exception {
        try (TestServer server = TestServer.start(variant, exec -> exec.withBudgetBytes(1 << 20));
                RawClient probe = server.connect()) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                RawClient client = server.connect();
                client.request("RUN", "ENV", "MARK", mark, "sleep", "600");
                clients.add(client);
            }
            Await.until("all run", () -> HostProcesses.withVariable("MARK", mark).size() == 8);
            String word = "x".repeat(60_000);
            for (RawClient client : clients) {
                for (int i = 0; i < 15; i++) {
                    client.request("ECHO", word);
                }
            }
            assertThat(probe.call("PING")).hasToString("SimpleString[text=PONG]");
            assertThat(server.server().service().status().budgetUsedBytes()).isLessThanOrEqualTo(1 << 20);
            for (RawClient client : clients) {
                client.reset();
            }
            Await.until("all is given back", () -> server.server().service().status().budgetUsedBytes() == 0);
        }
    }

    @Test
    void aClientThatLeavesWithAFullPipelineIsNoticed() throws Exception {
        try (TestServer server = TestServer.start(variant)) {
            RawClient client = server.connect();
            client.request("RUN", "ENV", "MARK", mark, "sleep", "600");
            client.send("PING\r\n".repeat(2000));
            Await.until("it runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
            client.close();
            Await.until("it is gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
        }
    }

    @Test
    void twoThousandCommandsAtOnceAllEnd() throws Exception {
        try (TestServer server = TestServer.start(variant, Optional.empty(), limits -> limits.withExec(
                limits.exec().withWaiting(2_000, Duration.ofMinutes(2))));
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Reply>> replies = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                String number = Integer.toString(i);
                replies.add(clients.submit(() -> {
                    try (RawClient client = server.connect()) {
                        client.socket().setSoTimeout(120_000);
                        return client.run("RUN", "echo", number);
                    }
                }));
            }
            for (int i = 0; i < replies.size(); i++) {
                assertThat(replies.get(i).get().out()).isEqualTo(i + "\n");
            }
            Await.until("no child is left", () -> HostProcesses.children() == 0);
        }
    }

    @Test
    void thoseThatNeverStopDoNotKeepOutNewClients() throws Exception {
        AtomicBoolean stopped = new AtomicBoolean();
        try (TestServer server = TestServer.start(variant);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            int count = 96; // more than the native engine prepares at a time
            CountDownLatch served = new CountDownLatch(count);
            List<Future<?>> loops = new ArrayList<>();
            try {
                for (int i = 0; i < count; i++) {
                    loops.add(clients.submit(() -> {
                        try (RawClient client = server.connect()) {
                            client.socket().setSoTimeout(60_000); // some may wait long where starts are slow
                            do {
                                assertThat(client.run("RUN", "true").state()).isEqualTo("exited");
                                served.countDown();
                            } while (!stopped.get());
                        }
                        return null;
                    }));
                }
                assertThat(served.await(60, TimeUnit.SECONDS)).isTrue();
                for (int i = 0; i < 5; i++) {
                    try (RawClient client = server.connect()) {
                        assertThat(client.run("RUN", "echo", "hello").out()).isEqualTo("hello\n");
                    }
                }
            } finally {
                stopped.set(true);
            }
            for (Future<?> loop : loops) {
                loop.get();
            }
        }
    }
}
