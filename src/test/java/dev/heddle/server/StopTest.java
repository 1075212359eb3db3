package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.process.jdk.JdkProcessEngine;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.server.StopReport.How;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** How the server starts, and how it stops. */
@ParameterizedClass
@EnumSource(Variant.class)
class StopTest {
    @Parameter
    private Variant variant;

    private final String mark = UUID.randomUUID().toString();

    @Test
    void idleClientsDoNotHoldAStop() throws Exception {
        TestServer server = TestServer.start(variant);
        RawClient client = server.connect();
        assertThat(client.call("PING")).hasToString("SimpleString[text=PONG]");
        long start = System.nanoTime();
        assertThat(server.server().stop(Duration.ofSeconds(30)).how()).isEqualTo(How.GRACEFUL);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(client.readToEnd()).isEmpty();
        assertThatThrownBy(server::connect).isInstanceOf(IOException.class);
    }

    @Test
    void aRunningCommandIsFinishedAndAnswered() throws Exception {
        TestServer server = TestServer.start(variant);
        try (RawClient client = server.connect()) {
            client.request("SH", "ENV", "MARK", mark, "sleep 0.5; echo done");
            Await.until("it runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
            assertThat(server.server().stop(Duration.ofSeconds(30)).how()).isEqualTo(How.GRACEFUL);
            assertThat(Reply.of(client.read()).out()).isEqualTo("done\n");
        }
    }

    @Test
    void aCommandThatTakesTooLongIsEnded() throws Exception {
        TestServer server = TestServer.start(variant);
        try (RawClient client = server.connect()) {
            client.request("SH", "ENV", "MARK", mark, "echo begun; sleep 600");
            Await.until("it sleeps", () -> HostProcesses.withVariable("MARK", mark).size() == 2);
            assertThat(server.server().stop(Duration.ofMillis(200)).how()).isEqualTo(How.FORCED);
            assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
            Reply reply = Reply.of(client.read());
            assertThat(reply.state()).isEqualTo("cancelled");
            assertThat(reply.out()).isEqualTo("begun\n");
        }
    }

    @Test
    void aHalfClosedClientIsServedToTheEndOfTheDrain() throws Exception {
        TestServer server = TestServer.start(variant, Optional.empty(),
                limits -> limits.with(limits.connections().withHangupGrace(Duration.ofSeconds(30))));
        try (RawClient client = server.connect()) {
            client.request("SH", "ENV", "MARK", mark, "sleep 0.3; echo done").halfClose();
            Await.until("it runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
            assertThat(server.server().stop(Duration.ofSeconds(30)).how()).isEqualTo(How.GRACEFUL);
            assertThat(client.readToEnd()).contains("done");
        }
    }

    @Test
    void whileItDrainsCommandsAreHeardButNoNewOnesRun() throws Exception {
        TestServer server = TestServer.start(variant);
        try (RawClient client = server.connect(); RawClient streaming = server.connect()) {
            client.request("SH", "ENV", "MARK", mark, "sleep 1; echo done");
            streaming.call("HELLO", "3");
            streaming.request("RUN", "STREAM", "ENV", "MARK", mark, "cat");
            Await.until("both run", () -> server.server().service().status().running() == 2);
            CompletableFuture<StopReport> stop = CompletableFuture.supplyAsync(() -> stop(server));
            Await.until("it drains", () -> !server.server().isReady());
            client.request("RUN", "echo", "too late").request("JOB", "START", "--", "echo", "too late");
            streaming.request("STDIN", "to the end").request("EOF");
            assertThat(Reply.of(client.read()).out()).isEqualTo("done\n");
            assertThat(client.read()).hasToString("ErrorReply[text=BUSY the server is stopping]");
            assertThat(client.read()).hasToString("ErrorReply[text=BUSY the server is stopping]");
            assertThat(client.readToEnd()).isEmpty();
            String pushes = "";
            RespValue next = streaming.read();
            while (next instanceof RespValue.Push(List<RespValue> values)) {
                pushes += values.stream().skip(3).map(value -> value instanceof RespValue.BulkString bulk
                        ? bulk.text() : "").reduce("", String::concat);
                next = streaming.read();
            }
            assertThat(pushes).isEqualTo("to the end");
            assertThat(Reply.of(next).state()).isEqualTo("exited");
            assertThat(stop.get()).isEqualTo(new StopReport(How.GRACEFUL, 2, 0));
        }
    }

    private static StopReport stop(TestServer server) {
        return stop(server, Duration.ofSeconds(30));
    }

    private static StopReport stop(TestServer server, Duration drainTime) {
        try {
            return server.server().stop(drainTime);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The id of a job whose script goes on once the gate has been opened. */
    private static String startJob(RawClient client, Path gate, String script) throws IOException {
        return ((BulkString) client.call("JOB", "START", "ENV", "GATE", gate.toString(), "--", "sh", "-c",
                "read x < \"$GATE\"; " + script)).text();
    }

    private static void open(Path gate) throws IOException {
        Files.writeString(gate, "\n");
    }

    private static RespValue at(RespValue reply, int index) {
        return ((ArrayReply) reply).values().get(index);
    }

    @Test
    void whoFollowsAJobGetsItsOutputAndItsEnd(@TempDir Path directory) throws Exception {
        Path gate = fifo(directory);
        TestServer server = TestServer.start(variant);
        try (RawClient reading = server.connect(); RawClient waiting = server.connect();
                RawClient subscribed = server.connect(); RawClient paging = server.connect()) {
            String job = startJob(reading, gate, "echo out; exit 4");
            String ended = ((BulkString) paging.call("JOB", "START", "--", "echo", "word")).text();
            paging.call("JOB", "WAIT", ended);
            subscribed.call("SUBSCRIBE", "job:" + job);
            assertThat(at(reading.call("JOB", "READ", job, "0"), 1)).isEqualTo(BulkString.of("running"));
            assertThat(at(waiting.call("JOB", "WAIT", job, "0"), 0)).isEqualTo(BulkString.of("running"));
            assertThat(at(paging.call("JOB", "READ", ended, "0", "MAX", "1"), 1)).isEqualTo(BulkString.of("running"));
            CompletableFuture<StopReport> stop = CompletableFuture.supplyAsync(() -> stop(server));
            Await.until("it drains", () -> !server.server().isReady());
            waiting.request("JOB", "WAIT", job, "60000");
            open(gate);
            RespValue page = reading.call("JOB", "READ", job, "0", "BLOCK", "60000");
            assertThat(page.toString()).contains("out");
            while (at(page, 1).equals(BulkString.of("running"))) {
                page = reading.call("JOB", "READ", job, "4", "BLOCK", "60000");
            }
            assertThat(List.of(at(page, 1), at(page, 2))).containsExactly(BulkString.of("exited"), new IntegerReply(4));
            assertThat(at(waiting.read(), 1)).isEqualTo(new IntegerReply(4));
            assertThat(subscribed.read().toString()).contains("out");
            assertThat(subscribed.read().toString()).contains("end exited 4");
            RespValue rest = paging.call("JOB", "READ", ended, "1");
            assertThat(List.of(at(rest, 1), at(rest, 2))).containsExactly(BulkString.of("exited"), new IntegerReply(0));
            for (RawClient client : List.of(reading, waiting, subscribed, paging)) {
                assertThat(client.readToEnd()).isEmpty();
            }
            assertThat(stop.get(20, TimeUnit.SECONDS)).isEqualTo(new StopReport(How.GRACEFUL, 1, 0));
        }
    }

    @Test
    void whoFollowsAJobHearsThatAStopHasEndedIt(@TempDir Path directory) throws Exception {
        Path gate = fifo(directory);
        TestServer server = TestServer.start(variant);
        try (RawClient reading = server.connect(); RawClient subscribed = server.connect()) {
            String job = startJob(reading, gate, "echo never");
            subscribed.call("SUBSCRIBE", "job:" + job);
            assertThat(at(reading.call("JOB", "READ", job, "0"), 1)).isEqualTo(BulkString.of("running"));
            reading.request("JOB", "READ", job, "0", "BLOCK", "60000");
            CompletableFuture<StopReport> stop = CompletableFuture.supplyAsync(() -> stop(server));
            Await.until("it drains", () -> !server.server().isReady());
            server.server().force();
            assertThat(at(reading.read(), 1)).isEqualTo(BulkString.of("cancelled"));
            assertThat(subscribed.read().toString()).contains("end cancelled");
            assertThat(stop.get(20, TimeUnit.SECONDS)).isEqualTo(new StopReport(How.FORCED, 0, 1));
        }
    }

    @Test
    void aStopDoesNotWaitForAFollowerThatDoesNotComeBack(@TempDir Path directory) throws Exception {
        Path gate = fifo(directory);
        TestServer server = TestServer.start(variant);
        try (RawClient client = server.connect()) {
            String job = startJob(client, gate, "echo done");
            assertThat(at(client.call("JOB", "READ", job, "0"), 1)).isEqualTo(BulkString.of("running"));
            CompletableFuture<StopReport> stop = CompletableFuture.supplyAsync(
                    () -> stop(server, Duration.ofMinutes(5)));
            Await.until("it drains", () -> !server.server().isReady());
            open(gate);
            assertThat(stop.get(1, TimeUnit.MINUTES)).isEqualTo(new StopReport(How.GRACEFUL, 1, 0));
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    private static Path fifo(Path directory) throws Exception {
        Path fifo = directory.resolve("gate");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
        return fifo;
    }

    @Test
    void aStopThatIsForcedEndsAtOnce() throws Exception {
        TestServer server = TestServer.start(variant);
        try (RawClient client = server.connect(); RawClient starter = server.connect()) {
            client.request("SH", "ENV", "MARK", mark, "echo begun; sleep 600");
            starter.call("JOB", "START", "ENV", "MARK", mark, "--", "sleep", "600");
            Await.until("all run", () -> HostProcesses.withVariable("MARK", mark).size() == 3);
            CompletableFuture<StopReport> stop = CompletableFuture.supplyAsync(() -> stop(server));
            Await.until("it drains", () -> !server.server().isReady());
            server.server().force();
            assertThat(stop.get(10, TimeUnit.SECONDS)).isEqualTo(new StopReport(How.FORCED, 0, 2));
            assertThat(Reply.of(client.read()).out()).isEqualTo("begun\n");
            assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
        }
    }

    @Test
    void listensOnSeveralAddresses() throws Exception {
        try (HeddleServer server = HeddleServer.start(config("resp://127.0.0.1:0", "resp://[::1]:0"))) {
            assertThat(server.addresses()).hasSize(2).doesNotHaveDuplicates()
                    .allSatisfy(address -> assertThat(address.port()).isPositive());
            assertThat(server.addresses().get(1).toString()).startsWith("resp://[::1]:");
        }
    }

    @Test
    void anAddressInUseIsAClearErrorAndLeavesNothingOpen() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            long descriptors = HostProcesses.descriptors();
            assertThatThrownBy(() -> HeddleServer.start(config("resp://127.0.0.1:0",
                    "resp://127.0.0.1:" + taken.getLocalPort())))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot listen on resp://127.0.0.1:" + taken.getLocalPort());
            assertThat(HostProcesses.descriptors()).isLessThanOrEqualTo(descriptors);
        }
    }

    private ServerConfig config(String... addresses) {
        return new ServerConfig(List.of(addresses).stream().map(ListenAddress::parse).toList(),
                variant.threads(), new JdkProcessEngine(),
                new ServerConfig.Security(Optional.empty(), false, false), ServerConfig.Limits.defaults());
    }
}
