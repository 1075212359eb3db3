package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.process.jdk.JdkProcessEngine;
import dev.heddle.server.HeddleServer.Stop;
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
        assertThat(server.server().stop(Duration.ofSeconds(30))).isEqualTo(Stop.GRACEFUL);
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
            assertThat(server.server().stop(Duration.ofSeconds(30))).isEqualTo(Stop.GRACEFUL);
            assertThat(Reply.of(client.read()).out()).isEqualTo("done\n");
        }
    }

    @Test
    void aCommandThatTakesTooLongIsEnded() throws Exception {
        TestServer server = TestServer.start(variant);
        try (RawClient client = server.connect()) {
            client.request("SH", "ENV", "MARK", mark, "echo begun; sleep 600");
            Await.until("it sleeps", () -> HostProcesses.withVariable("MARK", mark).size() == 2);
            assertThat(server.server().stop(Duration.ofMillis(200))).isEqualTo(Stop.FORCED);
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
            assertThat(server.server().stop(Duration.ofSeconds(30))).isEqualTo(Stop.GRACEFUL);
            assertThat(client.readToEnd()).contains("done");
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
