package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.process.jdk.JdkProcessEngine;
import dev.heddle.resp.RespValue;
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
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
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
                limits -> limits.withHangupGrace(Duration.ofSeconds(30)));
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
            Await.until("both run", () -> server.server().runner().running() == 2);
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
        try {
            return server.server().stop(Duration.ofSeconds(30));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
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
                new ServerConfig.Security(Optional.empty(), false, false), "", ServerConfig.Limits.defaults());
    }
}
