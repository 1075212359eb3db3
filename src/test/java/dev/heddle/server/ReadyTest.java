package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.server.ServerConfig.Ancestors;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ready:// protocol, with the logic of the ancestor's client. */
@ParameterizedClass
@EnumSource(Variant.class)
class ReadyTest {
    @Parameter
    private Variant variant;

    private final String mark = UUID.randomUUID().toString();
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(variant, "ready://127.0.0.1:0", Ancestors.DEFAULT);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** The ancestor's client: one send, one receive of 1,024, and the second step if it is asked for. */
    private static byte[] ancestor(Socket socket, String command) throws IOException {
        socket.getOutputStream().write(command.getBytes(StandardCharsets.UTF_8));
        byte[] received = new byte[1024];
        int n = socket.getInputStream().read(received);
        String text = new String(received, 0, Math.max(n, 0), StandardCharsets.ISO_8859_1);
        if (!text.startsWith("Ready|")) {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
        int size = Integer.parseInt(text.split("\\|")[1]);
        socket.getOutputStream().write("Start".getBytes(StandardCharsets.US_ASCII));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (all.size() < size) {
            n = socket.getInputStream().read(received);
            if (n < 0) {
                throw new IOException("cut off at " + all.size());
            }
            all.write(received, 0, n);
        }
        return all.toByteArray();
    }

    private static String ancestorText(Socket socket, String command) throws IOException {
        return new String(ancestor(socket, command), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1023, 1024, 1025, 5_000_000})
    void outputsOfAnySizeArriveExact(int size) throws Exception {
        try (RawClient client = server.connect()) {
            byte[] output = ancestor(client.socket(), "head -c " + size + " /dev/zero | tr '\\0' x");
            assertThat(new String(output, StandardCharsets.US_ASCII).equals(size == 0 ? "\n" : "x".repeat(size)))
                    .isTrue();
            assertThat(ancestorText(client.socket(), "echo next")).isEqualTo("next\n");
        }
    }

    @Test
    void multiByteOutputIsCountedInBytes() throws Exception {
        try (RawClient client = server.connect()) {
            String text = "欢迎".repeat(300);
            assertThat(ancestorText(client.socket(), "for i in $(seq 300); do printf 欢迎; done")).isEqualTo(text);
            assertThat(ancestorText(client.socket(), "echo ü欢")).isEqualTo("ü欢\n");
        }
    }

    @Test
    void stderrFollowsStdout() throws Exception {
        try (RawClient client = server.connect()) {
            assertThat(ancestorText(client.socket(), "echo out; echo err >&2")).isEqualTo("out\n\nerr\n");
            assertThat(ancestorText(client.socket(), "echo err >&2")).isEqualTo("err\n");
            assertThat(ancestorText(client.socket(), "no-such-program")).contains("not found");
        }
    }

    @Test
    void outputThatLooksLikeASizeComesInTwoSteps() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("printf 'Ready|5'");
            assertThat(client.readText(7)).isEqualTo("Ready|7");
            client.send("Start");
            assertThat(client.readText(7)).isEqualTo("Ready|5");
        }
    }

    @Test
    void startMayComeInPiecesAndWithALineBreak() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("seq 1 1000");
            assertThat(client.readText(10)).isEqualTo("Ready|3893");
            client.send("Sta");
            client.send("rt\n");
            assertThat(client.readText(3893)).endsWith("\n1000\n");
        }
    }

    @Test
    void anythingElseThanStartEndsTheConnection() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("seq 1 1000");
            assertThat(client.readText(10)).isEqualTo("Ready|3893");
            client.send("Stop!");
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void tooLongCommandsAreRefusedAndNoPartOfThemRuns() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("echo a" + " ".repeat(1018) + "; touch /tmp/heddle-" + mark);
            assertThat(client.readToEnd()).isEqualTo("heddle: a command has at most 1024 bytes\n");
        }
        assertThat(server.server().service().status().started()).isZero();
    }

    /** What a browser, or a program that was talked into a request, may send; the body is the attacker's. */
    @ParameterizedTest
    @ValueSource(strings = {"POST / HTTP/1.1", "patch / HTTP/1.1", "post /a?b=c HTTP/1.0", "PROPFIND / HTTP/1.1",
        "FOO / HTTP/1.1", "f@o http://localhost:9999/x HTTP/1.1", " POST / HTTP/1.1", "\t FOO / HTTP/1.1",
        "\r\n\r\nfoo\t/  HTTP/1.1", "get / http/1.1", "PRI * HTTP/2.0", "GET /", " OPTIONS *", "FOO / HTTP/",
        "\26\3\1\2\0\1\0", "\26"})
    void clientsOfOtherProtocolsAreDisconnectedAndNothingOfTheirsRuns(String head) throws Exception {
        try (RawClient client = server.connect()) {
            client.send(head + "\r\nHost: localhost\r\n\r\ntouch /tmp/heddle-" + mark);
            assertThat(readUntilGone(client)).isEmpty();
        }
        assertThat(server.server().service().status().started()).isZero();
    }

    /** Each piece is read on its own: the server has taken the one before when the next one is sent. */
    @ParameterizedTest
    @CsvSource({"POST / HTTP/1.1,1", "POST / HTTP/1.1,2", "POST / HTTP/1.1,4", "PROPFIND /x HTTP/1.1,9",
        "PROPFIND /x HTTP/1.1,10", "FOO / HTTP/1.1,6", "FOO / HTTP/1.1,9", "FOO / HTTP/1.1,10"})
    void anHttpRequestIsRecognizedOverAnyPackets(String head, int cut) throws Exception {
        try (RawClient client = server.connect()) {
            client.socket().setTcpNoDelay(true);
            client.send(head.substring(0, cut));
            Await.until("it is taken", () -> HostProcesses.unreadBytes(client.socket()) == 0);
            client.send(head.substring(cut) + "\r\nHost: localhost\r\n\r\n");
            assertThat(readUntilGone(client)).isEmpty();
        }
        assertThat(server.server().service().status().started()).isZero();
    }

    /** However slow it is: what has come before is a command then, and what comes behind it is none. */
    @ParameterizedTest
    @CsvSource({"foo,' / HTTP/1.1'", "foo /,x HTTP/1.1", "foo / H,TTP/1.1"})
    void aSlowHttpRequestEndsTheConnectionOnceItIsRecognized(String first, String rest) throws Exception {
        try (RawClient client = server.connect()) {
            client.send(first);
            assertThat(client.socket().getInputStream().read(new byte[1024])).isPositive(); // not found, says the shell
            long started = server.server().service().status().started();
            client.send(rest + "\r\n\r\ntouch /tmp/heddle-" + mark);
            assertThat(readUntilGone(client)).isEmpty();
            assertThat(server.server().service().status().started()).isEqualTo(started);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ls HTTP", "grep -c HTTP /dev/null", "echo a\nfoo / HTTP/1.1", "grep -c 'HTTP/1.1' /dev/null",
        "echo POST / HTTP/1.1", "A=1 B=2 echo HTTP/1.1", "  echo", "LC_ALL=C"})
    void commandsThatOnlyLookAlikeRun(String command) throws Exception {
        try (RawClient client = server.connect()) {
            assertThat(ancestorText(client.socket(), command)).isNotEmpty();
            assertThat(ancestorText(client.socket(), "echo next")).isEqualTo("next\n");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {27, 1, 2, 4, 8, 20})
    void clientsOfRespAreToldAndWhatTheySendDoesNotRun(int cut) throws Exception {
        String request = "*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n";
        try (RawClient client = server.connect()) {
            client.socket().setTcpNoDelay(true);
            client.send(request.substring(0, Math.min(cut, request.length())));
            Await.until("it is taken", () -> HostProcesses.unreadBytes(client.socket()) == 0);
            client.send(request.substring(Math.min(cut, request.length())) + "touch /tmp/heddle-" + mark);
            assertThat(client.readToEnd()).isEqualTo("-ERR this port speaks ready://, not RESP\r\n");
        }
        assertThat(server.server().service().status().started()).isZero();
    }

    @Test
    void bytesThatNoShellTakesEndTheConnection() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("\200\56\1\0\2"); // as TLS began once
            assertThat(client.readText(35)).isEqualTo("heddle: an argument contains a NUL ");
            client.send("touch /tmp/heddle-" + mark);
            assertThat(readUntilGone(client)).isEqualTo("byte\n");
        }
        assertThat(server.server().service().status().started()).isZero();
    }

    /** What came before the end, which may be a reset: the server takes nothing more. */
    private static String readUntilGone(RawClient client) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            client.socket().getInputStream().transferTo(all);
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aTimeoutIsToldBehindTheOutput() throws Exception {
        try (TestServer quick = TestServer.start(variant, "ready://127.0.0.1:0",
                Ancestors.DEFAULT.withReadyTimeout(Duration.ofMillis(300)));
                RawClient client = quick.connect()) {
            assertThat(ancestorText(client.socket(), "echo a; sleep 60"))
                    .isEqualTo("a\n\nheddle: the command's time was up\n");
        }
    }

    @Test
    void aClientThatNeverSendsStartIsDisconnectedInTime() throws Exception {
        try (TestServer quick = TestServer.start(variant, "ready://127.0.0.1:0", Optional.empty(),
                limits -> limits.with(limits.connections().withWriteTimeout(Duration.ofMillis(300))));
                RawClient client = quick.connect()) {
            client.send("seq 1 1000");
            assertThat(client.readToEnd()).isEqualTo("Ready|3893");
            Await.until("nothing is kept", () -> quick.server().service().status().budgetUsedBytes() == 0);
        }
    }

    @Test
    void aHalfClosedClientIsAnsweredAndADeadOnesCommandDies() throws Exception {
        try (RawClient client = server.connect()) {
            assertThat(client.send("sleep 0.1; echo out").halfClose().readToEnd()).isEqualTo("out\n");
        }
        try (RawClient client = server.connect()) {
            client.send("MARK=" + mark + " sleep 600");
            Await.until("it runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
        }
        Await.until("it is gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
    }

    @Test
    void aStopWaitsForTheSecondStepOfAnAnswer() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("MARK=" + mark + " sleep 0.5; seq 1 1000");
            Await.until("it runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
            CompletableFuture<StopReport.How> stop = CompletableFuture.supplyAsync(() -> {
                try {
                    return server.server().stop(Duration.ofSeconds(20)).how();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(client.readText(10)).isEqualTo("Ready|3893");
            client.send("Start");
            assertThat(client.readText(3893)).endsWith("\n1000\n");
            assertThat(stop.get()).isEqualTo(StopReport.How.GRACEFUL);
        }
    }

    @Test
    void aHalfClosedClientThatCannotSendStartIsLetGoAtOnce() throws Exception {
        try (RawClient client = server.connect()) {
            long start = System.nanoTime();
            assertThat(client.send("seq 1 1000").halfClose().readToEnd()).isEqualTo("Ready|3893");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TestServer.HANGUP_GRACE);
        }
    }

    @Test
    void garbageAndFiveHundredDisorderedDropsLeaveNothing() throws Exception {
        Random random = new Random(11);
        try (RawClient probe = server.connect()) {
            assertThat(ancestorText(probe.socket(), "echo on")).isEqualTo("on\n");
            long descriptors = HostProcesses.descriptors();
            List<RawClient> open = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                RawClient client = server.connect();
                open.add(client);
                byte[] noise = new byte[random.nextInt(1, 2000)];
                random.nextBytes(noise);
                switch (random.nextInt(5)) {
                    case 0 -> client.send("'").send(noise).send("\0"); // a NUL: never run
                    case 1 -> client.send("seq 1 1000"); // never sends Start
                    case 2 -> client.send("MARK=" + mark + " sleep 600");
                    case 3 -> client.send("echo a").halfClose();
                    default -> client.reset();
                }
                if (open.size() > 40) {
                    RawClient other = open.remove(random.nextInt(open.size()));
                    if (random.nextBoolean()) {
                        other.close();
                    } else if (!other.socket().isClosed()) {
                        other.reset();
                    }
                }
            }
            for (RawClient client : open) {
                client.close();
            }
            Await.until("all commands are gone", Duration.ofSeconds(30), () ->
                    server.server().service().status().running() == 0 && HostProcesses.withVariable("MARK", mark).isEmpty());
            Await.until("nothing is kept", () -> server.server().service().status().budgetUsedBytes() == 0);
            Await.until("descriptors are back", () -> HostProcesses.descriptors() <= descriptors);
            assertThat(ancestorText(probe.socket(), "echo on")).isEqualTo("on\n");
        }
    }
}
