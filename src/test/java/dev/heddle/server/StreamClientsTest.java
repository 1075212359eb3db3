package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients whose commands stream, and that pause, leave, or are many: nothing is lost, and nothing stays behind. */
@ParameterizedClass
@EnumSource(Variant.class)
class StreamClientsTest {
    @Parameter
    private Variant variant;

    private final String mark = UUID.randomUUID().toString();
    private TestServer server;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(variant);
        client = Streamed.connect(server);
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void aHalfClosedClientGetsEverything() throws Exception {
        client.request("RUN", "STREAM", "sh", "-c", "cat; echo end").request("STDIN", "x\n").request("EOF").halfClose();
        Streamed streamed = Streamed.readAll(client);
        assertThat(streamed.out.toString()).isEqualTo("x\nend\n");
        assertThat(streamed.reply.code()).isZero();
    }

    @Test
    void aClientThatLeavesTakesItsCommandWithIt() throws Exception {
        client.request("SH", "STREAM", "ENV", "MARK", mark, "yes | cat");
        Streamed.push(client, "out");
        client.reset();
        Await.until("the tree is gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
        Await.until("nothing is kept", () -> server.server().service().status().budgetUsedBytes() == 0);
    }

    /** The client stops reading for longer than the write timeout: its command waits, and nobody else does. */
    @Test
    void aClientThatPausesHoldsUpOnlyItsOwnCommand() throws Exception {
        int bytes = 24 << 20; // more than all buffers between the two
        try (TestServer impatient = TestServer.start(variant, Optional.empty(),
                limits -> limits.with(limits.connections().withWriteTimeout(Duration.ofMillis(200))));
                RawClient paused = impatient.connect(); RawClient other = impatient.connect()) {
            paused.call("HELLO", "3");
            paused.request("SH", "STREAM", "ENV", "MARK", mark, "head -c " + bytes + " /dev/zero; echo end >&2");
            Reply echo = other.run("SH", "sleep 1; echo on"); // five times the write timeout
            assertThat(echo.out()).isEqualTo("on\n");
            assertThat(HostProcesses.withVariable("MARK", mark)).as("it waits").isNotEmpty();
            assertThat(impatient.server().service().status().budgetUsedBytes()).as("window and request")
                    .isLessThan(300 << 10);
            Streamed streamed = Streamed.readAll(paused);
            assertThat(streamed.out.size()).isEqualTo(bytes);
            assertThat(streamed.err.toString()).isEqualTo("end\n");
            assertThat(streamed.reply.code()).isZero();
        }
    }

    @Test
    void aPausedClientIsEndedWithTheServer() throws Exception {
        client.request("SH", "STREAM", "ENV", "MARK", mark, "exec yes");
        Streamed.push(client, "out");
        Await.until("output waits, besides a request and a window of 64 KiB",
                () -> server.server().service().status().budgetUsedBytes() > 80 << 10);
        assertThat(CompletableFuture.supplyAsync(this::stopNow).get(20, TimeUnit.SECONDS))
                .isEqualTo(StopReport.How.FORCED);
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
    }

    private StopReport.How stopNow() {
        try {
            return server.server().stop(Duration.ofMillis(100)).how();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void manyStreamsAtOnce() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                RawClient one = Streamed.connect(server);
                clients.add(one);
                one.request("SH", "STREAM", "cat; echo " + i + " >&2").request("STDIN", "in" + i).request("EOF");
            }
            for (int i = 0; i < clients.size(); i++) {
                Streamed streamed = Streamed.readAll(clients.get(i));
                assertThat(streamed.out.toString()).isEqualTo("in" + i);
                assertThat(streamed.err.toString()).isEqualTo(i + "\n");
            }
        } finally {
            for (RawClient one : clients) {
                one.close();
            }
        }
    }

    /** Clients that vanish at any moment, with their sockets full or empty. */
    @Test
    void disorderedDropsLeaveNothing() throws Exception {
        Random random = new Random(11);
        long descriptors = HostProcesses.descriptors();
        for (int i = 0; i < 60; i++) {
            RawClient one = Streamed.connect(server);
            one.request("SH", "STREAM", "ENV", "MARK", mark, random.nextBoolean() ? "yes" : "cat");
            for (int j = random.nextInt(4); j > 0; j--) {
                one.request("STDIN", "x").request("PING");
            }
            if (random.nextBoolean()) {
                Streamed.push(one, "started");
            }
            Socket socket = one.socket();
            switch (random.nextInt(3)) {
                case 0 -> one.reset();
                case 1 -> socket.close();
                default -> {
                    one.halfClose();
                    one.close();
                }
            }
        }
        Await.until("all is gone", Duration.ofSeconds(30), () -> HostProcesses.withVariable("MARK", mark).isEmpty()
                && server.server().service().status().running() == 0);
        Await.until("nothing is kept", () -> server.server().service().status().budgetUsedBytes() == 0);
        Await.until("descriptors are back", () -> HostProcesses.descriptors() <= descriptors);
    }
}
