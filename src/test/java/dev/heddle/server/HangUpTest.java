package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of commands when their clients leave, each in its own way. */
@ParameterizedClass
@EnumSource(Variant.class)
class HangUpTest {
    @Parameter
    private Variant variant;

    private final String mark = UUID.randomUUID().toString();
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(variant);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Its grace outlasts every test. */
    private TestServer patient() throws Exception {
        return TestServer.start(variant, Optional.empty(),
                limits -> limits.with(limits.connections().withHangupGrace(Duration.ofMinutes(10))));
    }

    @Test
    void aHalfClosedClientIsAnswered() throws Exception {
        try (TestServer patient = patient(); RawClient client = patient.connect()) {
            client.send("SH \"sleep 0.1; echo out\"\r\nPING\r\n").halfClose();
            assertThat(client.readToEnd()).startsWith("*5\r\n$6\r\nexited\r\n:0\r\n$4\r\nout\n\r\n")
                    .endsWith("+PONG\r\n");
        }
    }

    @Test
    void aCommandThatOutlivesTheGraceAfterAHalfCloseIsKilled() throws Exception {
        try (RawClient client = server.connect()) {
            long start = System.nanoTime();
            client.request("RUN", "ENV", "MARK", mark, "sleep", "600").halfClose();
            Await.until("the command runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
            assertThat(client.readToEnd()).isEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(TestServer.HANGUP_GRACE);
            Await.until("the command is gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
        }
    }

    @Test
    void aClosedClientsTreeIsKilled() throws Exception {
        try (RawClient client = server.connect()) {
            client.request("SH", "ENV", "MARK", mark, "sleep 600 | cat & sleep 600");
            Await.until("all of it runs", () -> HostProcesses.withVariable("MARK", mark).size() >= 4);
        }
        Await.until("all of it is gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
    }

    @Test
    void aResetKillsAtOnce() throws Exception {
        try (TestServer patient = patient()) {
            RawClient client = patient.connect();
            client.request("RUN", "ENV", "MARK", mark, "sleep", "600");
            Await.until("the command runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
            client.reset();
            Await.until("the command is gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
        }
    }

    @Test
    void commandsBehindTheRunningOneAreNotStarted() throws Exception {
        RawClient client = server.connect();
        client.request("RUN", "ENV", "MARK", mark, "sleep", "600");
        client.request("RUN", "ENV", "MARK", mark, "sleep", "601");
        Await.until("the first runs", () -> server.server().service().status().started() == 1);
        client.reset();
        Await.until("the first is gone", () -> server.server().service().status().running() == 0);
        assertThat(server.server().service().status().started()).isEqualTo(1);
    }

    @Test
    void aKilledClientProcessLeavesNothing() throws Exception {
        Process client = new ProcessBuilder("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/" + server.port()
                + "; printf 'RUN ENV MARK " + mark + " sleep 600\\r\\n' >&3; exec cat <&3").start(); // one process
        Await.until("the command runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
        client.destroyForcibly().waitFor();
        Await.until("the command is gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
    }

    @Test
    void fiveHundredDisorderedDropsLeaveNothing() throws Exception {
        Random random = new Random(7);
        try (RawClient probe = server.connect()) {
            probe.run("RUN", "true"); // whatever is set up once is set up now
            Await.until("idle", () -> HostProcesses.children() == 0);
            long descriptors = HostProcesses.descriptors();
            long threads = HostProcesses.threads();
            List<RawClient> open = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                RawClient client = server.connect();
                dropSomehow(client, random, open);
                if (open.size() > 40) {
                    open.remove(random.nextInt(open.size())).close();
                }
            }
            for (RawClient client : open) {
                client.reset();
            }
            Await.until("all commands are gone", Duration.ofSeconds(30), () ->
                    HostProcesses.withVariable("MARK", mark).isEmpty() && HostProcesses.children() == 0);
            Await.until("descriptors are back", () -> HostProcesses.descriptors() <= descriptors);
            // carrier threads that stood in for blocked ones stay for 30 s
            Await.until("threads are back", Duration.ofSeconds(60), () -> HostProcesses.threads() <= threads + 2);
            Await.until("nothing runs", () -> server.server().service().status().running() == 0);
            Await.until("nothing is kept", () -> server.server().service().status().budgetUsedBytes() == 0);
            assertThat(probe.run("RUN", "echo", "on").out()).isEqualTo("on\n");
        }
    }

    private void dropSomehow(RawClient client, Random random, List<RawClient> open) throws Exception {
        switch (random.nextInt(8)) {
            case 0 -> client.close();
            case 1 -> client.reset();
            case 2 -> {
                client.send("*2\r\n$4\r\nEC");
                client.close();
            }
            case 3 -> {
                client.request("RUN", "ENV", "MARK", mark, "sleep", "600");
                client.reset();
            }
            case 4 -> {
                client.request("SH", "ENV", "MARK", mark, "yes & sleep 600");
                open.add(client);
            }
            case 5 -> {
                client.send("PING\r\nRUN true\r\n").halfClose();
                open.add(client);
            }
            case 6 -> {
                client.send("*1\r\n$99999999999\r\n");
                open.add(client);
            }
            default -> open.add(client);
        }
    }
}
