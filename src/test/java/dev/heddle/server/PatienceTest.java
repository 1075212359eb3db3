package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.net.ClientTimeouts;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** How long the server waits for clients that say nothing, or speak slowly. */
@ParameterizedClass
@EnumSource(value = Variant.class, names = ".*_NATIVE", mode = EnumSource.Mode.MATCH_ALL)
class PatienceTest {
    private static final Duration SHORT = Duration.ofMillis(700); // and yet enough for a client on a busy machine

    private static final String BUSY = "-BUSY the maximum number of clients is connected\r\n";

    @Parameter
    private Variant variant;

    private TestServer start(Optional<String> password, UnaryOperator<ClientTimeouts> change)
            throws Exception {
        return TestServer.start(variant, password,
                limits -> limits.with(change.apply(limits.timeouts())));
    }

    @Test
    void strangersMustLogInInTime() throws Exception {
        try (TestServer server = start(Optional.of("secret"), patience -> patience.withLogin(SHORT));
                RawClient silent = server.connect(); RawClient talking = server.connect();
                RawClient half = server.connect(); RawClient known = server.connect()) {
            known.call("AUTH", "secret");
            half.send("*2\r\n$4\r\nAU");
            assertThat(silent.readToEnd()).isEqualTo("-ERR no login within 700 ms: connection closed\r\n");
            assertThat(half.readToEnd()).isEqualTo("-ERR no login within 700 ms: connection closed\r\n");
            assertThatThrownBy(() -> {
                while (true) { // requests that are refused are no excuse
                    talking.call("PING");
                    TimeUnit.MILLISECONDS.sleep(20);
                }
            }).isInstanceOf(IOException.class);
            assertThat(known.call("PING")).hasToString("SimpleString[text=PONG]");
            known.call("RESET"); // and so it is a stranger again
            assertThat(known.readToEnd()).startsWith("-ERR no login within");
            Await.until("all are gone", () -> server.server().clients().connected() == 0);
        }
    }

    @Test
    void aRequestThatTricklesInIsCutOff() throws Exception {
        try (TestServer server = start(Optional.empty(), patience -> patience.withRequest(SHORT));
                RawClient slow = server.connect(); RawClient stuck = server.connect();
                RawClient idle = server.connect()) {
            assertThat(idle.call("PING")).hasToString("SimpleString[text=PONG]");
            stuck.request("PING");
            assertThat(stuck.read()).hasToString("SimpleString[text=PONG]");
            stuck.send("PING\r\n*3\r\n$3\r\nRUN\r\n$4\r\nec"); // the second one begins in the same packet
            slow.send("*2\r\n$4\r\nECHO\r\n$1000\r\n");
            assertThatThrownBy(() -> {
                for (int i = 0; i < 1000; i++) {
                    slow.send("x");
                    TimeUnit.MILLISECONDS.sleep(20);
                }
                slow.send("\r\n");
                slow.read();
            }).isInstanceOf(IOException.class);
            assertThat(stuck.readToEnd())
                    .isEqualTo("+PONG\r\n-ERR the request came too slowly: connection closed\r\n");
            assertThat(idle.call("PING")).hasToString("SimpleString[text=PONG]");
        }
    }

    @Test
    void aLargeRequestEarnsItsTime() throws Exception {
        try (TestServer server = start(Optional.empty(), patience -> patience.withRequest(SHORT));
                RawClient client = server.connect()) {
            client.send("*4\r\n$3\r\nRUN\r\n$5\r\nSTDIN\r\n$65536\r\n");
            long start = System.nanoTime();
            for (int i = 0; i < 16; i++) {
                client.send("x".repeat(4096));
                TimeUnit.MILLISECONDS.sleep(100);
            }
            client.send("\r\n$2\r\nwc\r\n");
            assertThat(Reply.of(client.read()).out()).contains("65536");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(SHORT.multipliedBy(2));
        }
    }

    /** What was sent quickly is no credit for a silence of hours. */
    @Test
    void aLargeRequestMayNotPauseForLongerThanAnyOther() throws Exception {
        try (TestServer server = start(Optional.empty(), patience -> patience.withRequest(SHORT));
                RawClient silent = server.connect(); RawClient trickling = server.connect()) {
            String half = "*4\r\n$3\r\nRUN\r\n$5\r\nSTDIN\r\n$2000000\r\n" + "x".repeat(1_000_000);
            silent.send(half);
            trickling.send(half);
            assertThatThrownBy(() -> {
                for (int i = 0; i < 1000; i++) {
                    trickling.send("x");
                    TimeUnit.MILLISECONDS.sleep(20);
                }
                trickling.read();
            }).isInstanceOf(IOException.class);
            assertThat(silent.readToEnd())
                    .isEqualTo("-ERR the request came too slowly: connection closed\r\n");
            Await.until("what they held is given back",
                    () -> server.server().service().status().budgetUsedBytes() == 0);
        }
    }

    @Test
    void onlyWhoIsIdleIsDisconnectedAsIdle() throws Exception {
        try (TestServer server = start(Optional.empty(), patience -> patience.withIdle(SHORT.multipliedBy(2)));
                RawClient idle = server.connect(); RawClient waiting = server.connect();
                RawClient streaming = server.connect(); RawClient subscribed = server.connect();
                RawClient asking = server.connect()) {
            String job = ((BulkString) subscribed.call("JOB", "START", "--", "sleep", "2.5"))
                    .text();
            subscribed.call("SUBSCRIBE", "job:" + job);
            streaming.call("HELLO", "3");
            streaming.request("RUN", "STREAM", "--", "sleep", "2.5");
            waiting.request("RUN", "sleep", "2.5");
            for (int i = 0; i < 35; i++) {
                assertThat(asking.call("PING")).hasToString("SimpleString[text=PONG]");
                TimeUnit.MILLISECONDS.sleep(50);
            }
            assertThat(idle.readToEnd()).isEqualTo("-ERR idle for 1400 ms: connection closed\r\n");
            assertThat(Reply.of(waiting.read()).state()).isEqualTo("exited");
            assertThat(waiting.call("PING")).as("it is not cut off as soon as its command ends")
                    .hasToString("SimpleString[text=PONG]");
            assertThat(subscribed.read().toString()).contains("message");
            assertThat(streaming.read().toString()).contains("started");
            assertThat(streaming.read()).isInstanceOf(ArrayReply.class);
            assertThat(waiting.readToEnd()).startsWith("-ERR idle for");
        }
    }

    @Test
    void idleClientsOfTheAncestorsAreDisconnectedWithoutAWord() throws Exception {
        for (String address : new String[] {"ready://127.0.0.1:0", "upper://127.0.0.1:0"}) {
            try (TestServer server = TestServer.start(variant, address, Optional.empty(), limits -> limits
                    .with(limits.timeouts().withIdle(SHORT))); RawClient idle = server.connect()) {
                idle.send("echo hi");
                assertThat(idle.readToEnd()).isEqualToIgnoringCase(address.startsWith("r") ? "hi\n" : "echo hi");
            }
        }
    }

    @Test
    void aCommandGoesOnThoughItsClientIsSilent() throws Exception {
        try (TestServer server = start(Optional.of("secret"),
                patience -> patience.withLogin(SHORT).withRequest(SHORT).withIdle(SHORT));
                RawClient client = server.connect()) {
            client.call("AUTH", "secret");
            assertThat(client.run("RUN", "sleep", "1.5").state()).isEqualTo("exited");
        }
    }

    @Test
    void twoThousandTooManyAreRefusedAndNothingHangs() throws Exception {
        try (TestServer server = TestServer.start(variant, Optional.empty(),
                limits -> limits.with(limits.connections().withMax(5).withPermitWait(Duration.ofMillis(1))))) {
            long descriptors = HostProcesses.descriptors();
            RawClient[] good = new RawClient[5];
            for (int i = 0; i < good.length; i++) {
                good[i] = server.connect();
                assertThat(good[i].call("PING")).hasToString("SimpleString[text=PONG]");
            }
            for (int i = 0; i < 20; i++) {
                RawClient[] surplus = new RawClient[100];
                for (int j = 0; j < surplus.length; j++) {
                    surplus[j] = server.connect().request("PING"); // before the server has looked at it
                }
                for (RawClient client : surplus) {
                    assertThat(client.readText(BUSY.length())).isEqualTo(BUSY);
                    client.close();
                }
                assertThat(good[i % good.length].call("PING")).hasToString("SimpleString[text=PONG]");
            }
            assertThat(server.server().clients().refused()).isEqualTo(2000);
            for (RawClient client : good) {
                client.close();
            }
            Await.until("all are gone", () -> server.server().clients().connected() == 0);
            Await.until("their descriptors too", () -> HostProcesses.descriptors() <= descriptors);
        }
    }
}
