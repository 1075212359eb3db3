package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens at each limit: a clear answer, or a bounded wait, and everybody else goes on. */
@ParameterizedClass
@EnumSource(Variant.class)
class LimitsTest {
    @Parameter
    private Variant variant;

    private final String mark = UUID.randomUUID().toString();

    @Test
    void pingIsAnsweredWhileTheEngineIsAtItsCeiling() throws Exception {
        try (TestServer server = TestServer.start(variant); RawClient probe = server.connect()) {
            int ceiling = Math.min(256, server.server().service().status().maxRunning());
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < ceiling; i++) {
                RawClient client = server.connect();
                client.request("RUN", "ENV", "MARK", mark, "sleep", "600");
                clients.add(client);
            }
            Await.until("all are running", Duration.ofSeconds(60),
                    () -> HostProcesses.withVariable("MARK", mark).size() == ceiling);
            for (int i = 0; i < 20; i++) {
                long start = System.nanoTime();
                assertThat(probe.call("PING")).hasToString("SimpleString[text=PONG]");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
            }
            try (RawClient late = server.connect()) {
                assertThat(late.call("PING")).hasToString("SimpleString[text=PONG]");
            }
            for (RawClient client : clients) {
                client.reset();
            }
            Await.until("all are gone", Duration.ofSeconds(60),
                    () -> HostProcesses.withVariable("MARK", mark).isEmpty());
        }
    }

    @Test
    void oneMoreThanMayRunWaitsForItsTurn() throws Exception {
        try (TestServer server = TestServer.start(variant, exec -> exec.withMaxRunning(1));
                RawClient first = server.connect(); RawClient second = server.connect()) {
            first.request("RUN", "ENV", "MARK", mark, "TIMEOUT", "700", "sleep", "600");
            Await.until("the first runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
            assertThat(second.run("RUN", "echo", "second").out()).isEqualTo("second\n");
            assertThat(Reply.of(first.read()).state()).isEqualTo("timeout");
        }
    }

    @Test
    void whoWaitsTooLongOrFindsTheLineFullIsToldSo() throws Exception {
        try (TestServer server = TestServer.start(variant,
                exec -> exec.withMaxRunning(1).withWaiting(1, Duration.ofMillis(300)));
                RawClient first = server.connect(); RawClient second = server.connect();
                RawClient third = server.connect()) {
            first.request("RUN", "ENV", "MARK", mark, "sleep", "600");
            Await.until("the first runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
            second.request("RUN", "true");
            String answers = third.call("RUN", "true").toString() + second.read().toString();
            assertThat(answers).contains("BUSY 1 commands are running").contains("none of their slots was free for this one within 300 ms");
            assertThat(second.call("PING")).hasToString("SimpleString[text=PONG]");
        }
    }

    @Test
    void aClientThatLeavesTheLineLosesItsPlaceOnly() throws Exception {
        try (TestServer server = TestServer.start(variant, exec -> exec.withMaxRunning(1));
                RawClient first = server.connect(); RawClient third = server.connect()) {
            first.request("RUN", "ENV", "MARK", mark, "sleep", "600");
            Await.until("the first runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
            RawClient second = server.connect();
            second.request("RUN", "echo", "second");
            Await.until("the second waits", () -> server.server().service().status().waiting() == 1);
            second.reset();
            Await.until("it waits no more", () -> server.server().service().status().waiting() == 0);
            first.reset();
            assertThat(third.run("RUN", "echo", "third").out()).isEqualTo("third\n");
            assertThat(server.server().service().status().started()).as("the first and the third").isEqualTo(2);
        }
    }

    @Test
    void aFullServerRefusesFurtherClients() throws Exception {
        try (TestServer server = TestServer.start(variant, Optional.empty(),
                limits -> limits.with(limits.connections().withMax(2)))) {
            RawClient first = server.connect();
            RawClient second = server.connect();
            assertThat(first.call("PING")).hasToString("SimpleString[text=PONG]");
            assertThat(second.call("PING")).hasToString("SimpleString[text=PONG]");
            try (RawClient third = server.connect()) {
                long start = System.nanoTime();
                assertThat(third.readToEnd()).isEqualTo("-BUSY the maximum number of clients is connected\r\n");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).as("it had a time to wait for a place")
                        .isGreaterThan(Duration.ofMillis(150));
            }
            first.close();
            Await.until("there is a place again", () -> {
                try (RawClient fourth = server.connect()) {
                    return fourth.call("PING").toString().contains("PONG");
                } catch (IOException e) {
                    return false;
                }
            });
            second.close();
        }
    }

    /** A health check, say, must not wait for the refusals of all who came before it. */
    @Test
    void clientsTooManyAreNotRefusedOneAfterTheOther() throws Exception {
        try (TestServer server = TestServer.start(variant, Optional.empty(),
                        limits -> limits.with(limits.connections().withMax(1).withPermitWait(Duration.ofSeconds(1))));
                RawClient first = server.connect()) {
            assertThat(first.call("PING")).hasToString("SimpleString[text=PONG]");
            long start = System.nanoTime();
            List<RawClient> others = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                others.add(server.connect());
            }
            for (RawClient other : others) {
                assertThat(other.readToEnd()).isEqualTo("-BUSY the maximum number of clients is connected\r\n");
                other.close();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).as("one after the other it would take 20 s")
                    .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(10));
            assertThat(first.call("PING")).hasToString("SimpleString[text=PONG]");
        }
    }

    @Test
    void whoHasWaitedLongestForAPlaceGetsTheNext() throws Exception {
        try (TestServer server = TestServer.start(variant, Optional.empty(),
                        limits -> limits.with(limits.connections().withMax(1).withPermitWait(Duration.ofMinutes(1))));
                RawClient first = server.connect()) {
            assertThat(first.call("PING")).hasToString("SimpleString[text=PONG]");
            try (RawClient second = server.connect(); RawClient third = server.connect()) {
                third.request("ECHO", "third");
                second.request("ECHO", "second");
                first.close();
                assertThat(second.read()).hasToString("BulkString[second]");
                second.close();
                assertThat(third.read()).hasToString("BulkString[third]");
            }
        }
    }

    @Test
    void aStopDoesNotWaitForThoseWhoWaitForAPlace() throws Exception {
        try (TestServer server = TestServer.start(variant, Optional.empty(),
                        limits -> limits.with(limits.connections().withMax(1).withPermitWait(Duration.ofMinutes(10))));
                RawClient first = server.connect()) {
            assertThat(first.call("PING")).hasToString("SimpleString[text=PONG]");
            try (RawClient second = server.connect()) {
                Await.until("it is accepted", () -> server.server().clients().waiting() == 1);
                assertThat(server.server().stop(Duration.ofMinutes(1)).how()).isEqualTo(StopReport.How.GRACEFUL);
                assertThat(second.readToEnd()).isEqualTo("-BUSY the server is stopping\r\n");
            }
        }
    }

    @Test
    void oneAddressGetsNoMoreThanItsPlaces() throws Exception {
        try (TestServer server = TestServer.start(variant, Optional.empty(),
                        limits -> limits.with(limits.connections().withMaxPerAddress(1)));
                RawClient first = server.connect()) {
            assertThat(first.call("PING")).hasToString("SimpleString[text=PONG]");
            try (RawClient second = server.connect()) {
                assertThat(second.readToEnd())
                        .isEqualTo("-BUSY too many clients of this address are connected\r\n");
            }
            assertThat(first.call("PING")).hasToString("SimpleString[text=PONG]");
            first.close();
            Await.until("there is a place again", () -> {
                try (RawClient third = server.connect()) {
                    return third.call("PING").toString().contains("PONG");
                } catch (IOException e) {
                    return false;
                }
            });
        }
    }

    @Test
    void theMemoryBudgetBoundsWhatIsKept() throws Exception {
        try (TestServer server = TestServer.start(variant, exec -> exec.withBudgetBytes(100_000));
                RawClient client = server.connect()) {
            Reply reply = client.run("RUN", "MAXOUT", "1000000", "head", "-c", "500000", "/dev/zero");
            assertThat(reply.state()).isEqualTo("exited");
            assertThat(reply.usage().get(4)).isEqualTo(500_000);
            assertThat(reply.stdout().length).isBetween(1, 100_000);
            assertThat(reply.usage().get(6)).isEqualTo(500_000L - reply.stdout().length);
            Await.until("it is given back", () -> server.server().service().status().budgetUsedBytes() == 0);
        }
    }

    @Test
    void aRequestThatDoesNotFitTheBudgetIsRefused() throws Exception {
        try (TestServer server = TestServer.start(variant, exec -> exec.withBudgetBytes(200_000));
                RawClient client = server.connect()) {
            client.request("RUN".getBytes(StandardCharsets.US_ASCII), "STDIN".getBytes(StandardCharsets.US_ASCII),
                    new byte[1_000_000], "wc".getBytes(StandardCharsets.US_ASCII));
            assertThat(client.readToEnd()).startsWith("-BUSY the memory for large requests is used up");
            Await.until("it is given back", () -> server.server().service().status().budgetUsedBytes() == 0);
        }
    }

    @Test
    void aClientThatDoesNotReadIsDisconnected() throws Exception {
        try (TestServer server = TestServer.start(variant, Optional.empty(),
                limits -> limits.with(limits.connections().withWriteTimeout(Duration.ofMillis(300))));
                RawClient lazy = server.connect(); RawClient other = server.connect()) {
            lazy.request("RUN", "MAXOUT", "60000000", "head", "-c", "60000000", "/dev/zero");
            Await.until("the reply is stuck", () -> server.server().service().status().started() == 1
                    && server.server().service().status().budgetUsedBytes() > 50_000_000);
            assertThat(other.call("PING")).hasToString("SimpleString[text=PONG]");
            Await.until("it is disconnected", () -> server.server().service().status().budgetUsedBytes() == 0);
            assertThat(lazy.readToEnd()).as("cut off").hasSizeLessThan(60_000_000);
        }
    }
}
