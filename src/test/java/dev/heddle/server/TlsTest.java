package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.server.ServerConfig.Limits;
import dev.heddle.server.ServerConfig.Transports;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestAuthority;
import dev.heddle.testing.TestAuthority.Issued;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;
import dev.heddle.tls.ServerTls;
import dev.heddle.tls.ServerTls.ClientAuth;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.function.UnaryOperator;

import javax.net.ssl.SSLSocket;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** resps://, against the JDK's own client and against bytes that are no TLS. */
@ParameterizedClass
@EnumSource(names = {"VIRTUAL_NATIVE", "PLATFORM_NATIVE"})
class TlsTest {
    private static final SimpleString PONG = new SimpleString("PONG");
    private static final UnaryOperator<Limits> PATIENT =
            limits -> limits.with(limits.connections().withHangupGrace(Duration.ofMinutes(10)));

    @TempDir
    private static Path directory;

    private static TestAuthority authority;
    private static Issued first;
    private static Issued second;

    @Parameter
    private Variant variant;

    private final String mark = UUID.randomUUID().toString();
    private Issued current;
    private ServerTls tls;
    private TestServer server;

    @BeforeAll
    static void issue() throws Exception {
        authority = new TestAuthority(directory);
        first = authority.issueForLoopback("first");
        second = authority.issueForLoopback("second");
    }

    @BeforeEach
    void start() throws Exception {
        current = new Issued(directory.resolve("current.pem"), directory.resolve("current.key"));
        install(first);
        tls = new ServerTls(TestAuthority.identity(current, Optional.empty()), ClientAuth.NONE);
        server = start(Transports.PLAIN.withTls(tls), limits -> limits);
    }

    private TestServer start(Transports transports, UnaryOperator<Limits> change) throws Exception {
        return TestServer.start(variant, "resps://127.0.0.1:0", transports, change);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void install(Issued issued) throws IOException {
        install(issued.certificate(), current.certificate());
        install(issued.key(), current.key());
    }

    /** In one step, as careful tools do. */
    private static void install(Path from, Path to) throws IOException {
        Path draft = Files.copy(from, directory.resolve("draft"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(draft, to, StandardCopyOption.ATOMIC_MOVE);
    }

    private static SSLSocket connect(TestServer to, String... versions) throws Exception {
        SSLSocket socket = (SSLSocket) authority.clientContext(Optional.empty()).getSocketFactory()
                .createSocket("127.0.0.1", to.port());
        if (versions.length > 0) {
            socket.setEnabledProtocols(versions);
        }
        socket.startHandshake();
        return socket;
    }

    private void awaitRunning() throws Exception {
        Await.until("it runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
    }

    private void awaitGone() throws Exception {
        Await.until("it is gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void bothVersionsCarryAllSizes(String version) throws Exception {
        try (RawClient client = new RawClient(connect(server, version))) {
            assertThat(client.call("PING")).isEqualTo(PONG);
            assertThat(((SSLSocket) client.socket()).getSession().getProtocol()).isEqualTo(version);
            for (int size : new int[] {0, 1, 511, 512, 513, 16_383, 16_384, 16_385, 65_536, 1_000_000, 30_000_000}) {
                byte[] bytes = new byte[size];
                new Random(size).nextBytes(bytes);
                client.request("ECHO".getBytes(), bytes);
                assertThat(Arrays.equals(((RespValue.BulkString) client.read()).bytes(), bytes))
                        .as(size + " bytes").isTrue();
            }
        }
    }

    @Test
    void aHalfClosedClientIsAnsweredAndToldTheEnd() throws Exception {
        try (TestServer patient = start(Transports.PLAIN.withTls(tls), PATIENT);
                RawClient client = new RawClient(connect(patient, "TLSv1.3"))) {
            client.send("SH \"sleep 0.1; echo out\"\r\nPING\r\n").halfClose();
            assertThat(client.readToEnd()).startsWith("*5\r\n$6\r\nexited\r\n:0\r\n$4\r\nout\n\r\n")
                    .endsWith("+PONG\r\n");
        }
        try (RawClient client = new RawClient(connect(server))) {
            assertThat(client.send("QUIT\r\n").readToEnd()).isEqualTo("+OK\r\n");
        }
    }

    /** An attacker on the way can end TCP, but has no close_notify: the command must not take it for its end. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aConnectionThatIsCutOffKillsAtOnce(boolean reset) throws Exception {
        try (TestServer patient = start(Transports.PLAIN.withTls(tls), PATIENT)) {
            Socket raw = new Socket("127.0.0.1", patient.port());
            SSLSocket socket = (SSLSocket) authority.clientContext(Optional.empty()).getSocketFactory()
                    .createSocket(raw, "127.0.0.1", patient.port(), true);
            new RawClient(socket).request("SH", "ENV", "MARK", mark, "sleep 600 | cat & sleep 600");
            awaitRunning();
            raw.setSoLinger(reset, 0);
            raw.close();
            awaitGone();
        }
    }

    /** A command is answered when the server stops, although TLS 1.2 knows no end of one direction only. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aStopLetsCommandsFinish(String version) throws Exception {
        try (RawClient client = new RawClient(connect(server, version));
                RawClient idle = new RawClient(connect(server, version))) {
            assertThat(idle.call("PING")).isEqualTo(PONG);
            client.request("SH", "ENV", "MARK", mark, "sleep 0.5; echo done");
            awaitRunning();
            FutureTask<StopReport> stop = new FutureTask<>(() -> server.server().stop(Duration.ofSeconds(20)));
            Thread.ofVirtual().start(stop);
            assertThat(RawClient.Reply.of(client.read()).out()).isEqualTo("done\n");
            assertThat(idle.readToEnd()).isEmpty();
            assertThat(stop.get().how()).isEqualTo(StopReport.How.GRACEFUL);
        }
    }

    @Test
    void keysMayChangeWhileOutputFlows() throws Exception {
        try (RawClient client = new RawClient(connect(server, "TLSv1.3"))) {
            client.call("HELLO", "3");
            client.request("RUN", "STREAM", "head", "-c", "20000000", "/dev/zero");
            long bytes = 0;
            int messages = 0;
            for (RespValue next = client.read(); next instanceof RespValue.Push(var parts); next = client.read()) {
                bytes += ((RespValue.BulkString) parts.get(1)).text().equals("out")
                        ? ((RespValue.BulkString) parts.get(3)).bytes().length : 0;
                if (++messages % 50 == 0) {
                    ((SSLSocket) client.socket()).startHandshake(); // TLS 1.3: new keys for both sides
                }
            }
            assertThat(messages).isGreaterThan(100);
            assertThat(bytes).isEqualTo(20_000_000);
            assertThat(client.call("PING")).isEqualTo(PONG);
        }
    }

    @Test
    void renegotiationIsRefused() throws Exception {
        try (SSLSocket socket = connect(server, "TLSv1.2")) {
            RawClient client = new RawClient(socket);
            assertThat(client.call("PING")).isEqualTo(PONG);
            assertThatThrownBy(() -> {
                socket.startHandshake();
                client.call("PING");
            }).isInstanceOf(IOException.class);
        }
        serves();
    }

    private void serves() throws Exception {
        try (RawClient good = new RawClient(connect(server))) {
            assertThat(good.call("PING")).isEqualTo(PONG);
        }
    }

    @Test
    void plainBytesAreToldSo() throws Exception {
        for (String bytes : new String[] {"PING\r\n", "*1\r\n$4\r\nPING\r\n", "GET / HTTP/1.1\r\n\r\n", "\0"}) {
            try (RawClient client = new RawClient(server.port())) {
                assertThat(client.send(bytes).readToEnd()).isEqualTo("-ERR this port speaks TLS\r\n");
            }
        }
        serves();
    }

    @Test
    void brokenHandshakesEnd() throws Exception {
        byte[] noise = new byte[2000];
        new Random(3).nextBytes(noise);
        byte[] announcing = {0x16, 3, 1, 0x40, 0}; // a record of 16 KiB that looks like a handshake
        try (RawClient client = new RawClient(server.port())) {
            System.arraycopy(announcing, 0, noise, 0, announcing.length);
            noise[3] = 0x01;
            client.send(noise);
            assertThat(client.socket().getInputStream().readAllBytes()).as("an alert").startsWith(0x15, 3);
        }
        try (RawClient client = new RawClient(server.port())) {
            client.send(announcing).halfClose();
            assertThat(client.readToEnd()).isEmpty();
        }
        serves();
    }

    @Test
    void whoSaysNothingIsDisconnected() throws Exception {
        Transports hasty = Transports.PLAIN.withTls(tls).withHandshakeTime(Duration.ofMillis(300));
        try (TestServer quick = start(hasty, limits -> limits.with(limits.connections().withMax(1).withWriteTimeout(
                Duration.ofSeconds(2)))); RawClient silent = new RawClient(quick.port())) {
            assertThat(silent.readToEnd()).isEmpty();
            try (RawClient stuck = new RawClient(quick.port())) {
                assertThat(stuck.send(new byte[] {0x16, 3, 1, 0x40, 0, 1}).readToEnd()).isEmpty();
            }
            try (RawClient client = new RawClient(connect(quick))) {
                assertThat(client.call("PING")).as("the place is free again").isEqualTo(PONG);
                client.run("RUN", "sleep", "2"); // longer than a handshake may take, and a look at it
                assertThat(client.call("PING")).as("it was for the handshake only").isEqualTo(PONG);
            }
        }
    }

    @Test
    void disorderedDropsLeaveNothing() throws Exception {
        Random random = new Random(11);
        try (RawClient probe = new RawClient(connect(server))) {
            probe.run("RUN", "true"); // whatever is set up once is set up now
            long descriptors = HostProcesses.descriptors();
            for (int i = 0; i < 150; i++) {
                dropSomehow(random.nextInt(6));
            }
            Await.until("all commands are gone", Duration.ofSeconds(30), () -> server.server().service().status().running() == 0
                    && HostProcesses.withVariable("MARK", mark).isEmpty());
            Await.until("descriptors are back", Duration.ofSeconds(30),
                    () -> HostProcesses.descriptors() <= descriptors);
            assertThat(server.server().service().status().budgetUsedBytes()).isZero();
            assertThat(probe.run("RUN", "echo", "on").out()).isEqualTo("on\n");
        }
    }

    private void dropSomehow(int how) throws Exception {
        Socket raw = new Socket("127.0.0.1", server.port());
        raw.setSoLinger(how % 2 == 0, 0);
        if (how == 1) {
            raw.getOutputStream().write(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1});
        } else if (how > 1) {
            SSLSocket socket = (SSLSocket) authority.clientContext(Optional.empty()).getSocketFactory()
                    .createSocket(raw, "127.0.0.1", server.port(), true);
            RawClient client = new RawClient(socket);
            if (how < 4) {
                client.request("RUN", "ENV", "MARK", mark, "sleep", "600");
            } else {
                client.send("*2\r\n$4\r\nEC").halfClose();
            }
        }
        raw.close();
    }

    @Test
    void tlsOnAPlainPortEndsAtOnce() throws Exception {
        try (TestServer plain = TestServer.start(variant)) {
            assertThatThrownBy(() -> connect(plain)).isInstanceOf(IOException.class);
            try (RawClient client = plain.connect()) {
                assertThat(client.call("PING")).isEqualTo(PONG);
            }
        }
    }

    private String nameShown() throws Exception {
        try (SSLSocket socket = connect(server)) {
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSubjectX500Principal().getName();
        }
    }

    @Test
    void newFilesAreTakenWithoutARestart() throws Exception {
        try (RawClient old = new RawClient(connect(server))) {
            assertThat(nameShown()).isEqualTo("CN=first");
            install(second);
            Await.until("the change is seen", () -> nameShown().equals("CN=second"));
            install(first);
            tls.reload();
            assertThat(nameShown()).as("at once when it is asked for").isEqualTo("CN=first");
            assertThat(old.call("PING")).isEqualTo(PONG);
        }
    }

    @Test
    void badFilesAreRefusedAndTheOldStay() throws Exception {
        install(second.certificate(), current.certificate());
        assertThatThrownBy(tls::reload).isInstanceOf(IOException.class).hasMessage("--tls-key " + current.key()
                + ": not the key of the certificate in --tls-cert " + current.certificate());
        assertThat(nameShown()).isEqualTo("CN=first");
        Files.writeString(current.certificate(), "nothing");
        assertThatThrownBy(tls::reload).hasMessage("--tls-cert " + current.certificate()
                + ": no CERTIFICATE in this file");
        Files.delete(current.key());
        install(first.certificate(), current.certificate());
        assertThatThrownBy(tls::reload).hasMessage("--tls-key " + current.key() + ": no such file");
        assertThat(nameShown()).isEqualTo("CN=first");
        install(second);
        Await.until("good files are taken again", () -> nameShown().equals("CN=second"));
    }
}
