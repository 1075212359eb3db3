package dev.heddle.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.command.Outcome;
import dev.heddle.server.ServerConfig.Transports;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.TestAuthority;
import dev.heddle.testing.TestAuthority.Issued;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;
import dev.heddle.tls.ServerTls;
import dev.heddle.tls.ServerTls.ClientAuth;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the Java library promises holds on transports other than TCP, whoever ends what. */
@ParameterizedClass
@EnumSource
@Timeout(60)
class TransportsTest {
    private static final Duration SECONDS = Duration.ofSeconds(20);

    enum Kind { TLS, UNIX }

    @TempDir
    private static Path directory;

    @Parameter
    private Kind kind;

    private final String mark = UUID.randomUUID().toString();
    private TestAuthority authority;
    private TestServer server;
    private ServerAddress address;
    private HeddleClient client;

    @BeforeEach
    void connect() throws Exception {
        switch (kind) {
            case TLS -> {
                authority = new TestAuthority(directory);
                server = tlsServer(authority.issueForLoopback("server"));
                address = ServerAddress.Tls.trusting(authority.certificate(), "localhost", server.port());
            }
            case UNIX -> {
                Path socket = directory.resolve("heddle.sock");
                server = TestServer.start(Variant.VIRTUAL_NATIVE, "resp+unix://" + socket, Transports.PLAIN,
                        limits -> limits);
                address = new ServerAddress.Unix(socket);
            }
        }
        client = HeddleClient.connect(address, SECONDS);
    }

    private static TestServer tlsServer(Issued issued) throws Exception {
        return TestServer.start(Variant.VIRTUAL_NATIVE, "resps://127.0.0.1:0", Transports.PLAIN.withTls(new ServerTls(
                TestAuthority.identity(issued, Optional.empty()), ClientAuth.NONE)), limits -> limits);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
    }

    private RunRequest sleeping() {
        return RunRequest.program(List.of("sleep", "600")).withEnvironment(Map.of("MARK", mark));
    }

    private void awaitRunning() throws Exception {
        Await.until("it runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
    }

    private void awaitGone() throws Exception {
        Await.until("it is gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
    }

    @Test
    void fiftyMegabytesComeThroughIntact() throws Exception {
        Path copy = directory.resolve("copy");
        MessageDigest received = MessageDigest.getInstance("SHA-256");
        try (StreamedRun run = client.stream(RunRequest.script("head -c 50000000 /dev/urandom | tee \"$1\"",
                List.of(copy.toString())).withStdin(new byte[0]))) {
            run.await(new DigestOutputStream(OutputStream.nullOutputStream(), received), System.err);
        }
        MessageDigest sent = MessageDigest.getInstance("SHA-256");
        try (DigestInputStream in = new DigestInputStream(Files.newInputStream(copy), sent)) {
            assertThat(in.transferTo(OutputStream.nullOutputStream())).isEqualTo(50_000_000);
        }
        assertThat(received.digest()).isEqualTo(sent.digest());
        ByteArrayOutputStream back = new ByteArrayOutputStream();
        try (StreamedRun run = client.stream(RunRequest.program(List.of("sha256sum")))) {
            run.feed(Files.newInputStream(copy));
            run.await(back, System.err);
        }
        assertThat(back.toString()).startsWith(HexFormat.of().formatHex(
                MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(copy))));
    }

    @Test
    void aCloseFromElsewhereEndsACallAndItsCommand() throws Exception {
        FutureTask<RunResult> call = new FutureTask<>(() -> client.run(sleeping()));
        Thread.ofPlatform().start(call);
        awaitRunning();
        client.close();
        assertThatThrownBy(call::get).hasCauseInstanceOf(IOException.class);
        awaitGone();
    }

    @Test
    void anInterruptEndsACallAndItsCommand() throws Exception {
        for (Thread.Builder threads : List.of(Thread.ofPlatform(), Thread.ofVirtual())) {
            HeddleClient other = HeddleClient.connect(address, SECONDS);
            FutureTask<Boolean> call = new FutureTask<>(() -> {
                assertThatThrownBy(() -> other.run(sleeping())).isInstanceOf(IOException.class);
                return Thread.currentThread().isInterrupted();
            });
            Thread thread = threads.start(call);
            awaitRunning();
            thread.interrupt();
            assertThat(call.get()).as("the interrupt status stays").isTrue();
            awaitGone();
            assertThatThrownBy(() -> other.jobs()).isInstanceOf(IOException.class);
        }
    }

    /** The command never reads its stdin. */
    @Test
    void aCloseEndsAWriterThatWaits() throws Exception {
        try (StreamedRun run = client.stream(sleeping())) {
            FutureTask<Object> writing = new FutureTask<>(() -> {
                run.stdin().write(new byte[50_000_000]);
                return null;
            });
            Thread writer = Thread.ofPlatform().start(writing);
            Await.until("the writer waits", () -> writer.getState() == Thread.State.WAITING
                    || writer.getState() == Thread.State.TIMED_WAITING);
            FutureTask<Object> awaiting = new FutureTask<>(
                    () -> run.await(OutputStream.nullOutputStream(), System.err));
            Thread.ofPlatform().start(awaiting);
            client.close();
            assertThatThrownBy(writing::get).hasCauseInstanceOf(IOException.class);
            assertThatThrownBy(awaiting::get).hasCauseInstanceOf(IOException.class);
        }
        awaitGone();
    }

    /** A server that stops to read: a write blocks in the kernel, and a polite close would wait for it. */
    @Test
    void aCloseEndsABlockedWrite() throws Exception {
        switch (kind) {
            case UNIX -> {
                Path deaf = directory.resolve("deaf.sock");
                try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        .bind(UnixDomainSocketAddress.of(deaf))) {
                    closeWhileItWrites(HeddleClient.connect(new ServerAddress.Unix(deaf), SECONDS));
                    assertThat(listening.isOpen()).isTrue();
                }
            }
            case TLS -> {
                try (ServerSocket listening = TestAuthority.identity(authority.issueForLoopback("deaf"),
                        Optional.empty()).read().getServerSocketFactory().createServerSocket(0)) {
                    FutureTask<SSLSocket> accepting = new FutureTask<>(() -> {
                        SSLSocket accepted = (SSLSocket) listening.accept();
                        accepted.startHandshake();
                        return accepted;
                    });
                    Thread.ofPlatform().start(accepting);
                    HeddleClient deaf = HeddleClient.connect(ServerAddress.Tls.trusting(authority.certificate(),
                            "127.0.0.1", listening.getLocalPort()), SECONDS);
                    try (SSLSocket accepted = accepting.get()) {
                        closeWhileItWrites(deaf);
                        assertThat(accepted.isClosed()).isFalse();
                    }
                }
            }
        }
    }

    private static void closeWhileItWrites(HeddleClient deaf) throws Exception {
        FutureTask<RunResult> call = new FutureTask<>(
                () -> deaf.run(RunRequest.program(List.of("cat")).withStdin(new byte[50_000_000])));
        Thread caller = Thread.ofPlatform().start(call);
        Await.until("it writes", () -> Arrays.stream(caller.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().matches("write0|doSelect")));
        deaf.close();
        assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void silenceIsNoErrorWhileACommandStreams() throws Exception {
        client.readTimeout(Duration.ofMillis(100));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (StreamedRun run = client.stream(RunRequest.script("sleep 1; echo awake", List.of()))) {
            assertThat(run.await(out, System.err).outcome()).isEqualTo(new Outcome.Exited(0));
        }
        assertThat(out).hasToString("awake\n");
    }

    /** A server that does not answer. */
    @Test
    void aCallEndsWithItsTime() throws Exception {
        switch (kind) {
            case UNIX -> {
                Path mute = directory.resolve("mute.sock");
                try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        .bind(UnixDomainSocketAddress.of(mute));
                        HeddleClient waiting = HeddleClient.connect(new ServerAddress.Unix(mute), SECONDS)) {
                    waiting.readTimeout(Duration.ofMillis(100));
                    assertThatThrownBy(waiting::jobs).isInstanceOf(SocketTimeoutException.class);
                    assertThatThrownBy(waiting::jobs).as("it is closed").isInstanceOf(IOException.class);
                    assertThat(listening.isOpen()).isTrue();
                }
            }
            case TLS -> {
                try (ServerSocket listening = new ServerSocket(0)) {
                    ServerAddress mute = ServerAddress.Tls.trusting(authority.certificate(), "127.0.0.1",
                            listening.getLocalPort());
                    assertThatThrownBy(() -> HeddleClient.connect(mute, Duration.ofMillis(200)))
                            .isInstanceOf(SocketTimeoutException.class).hasMessage("the TLS handshake took too long");
                }
            }
        }
    }

    @Test
    void whoIsNotTrustedIsNotSpokenTo() throws Exception {
        switch (kind) {
            case UNIX -> assertThatThrownBy(() -> HeddleClient.connect(
                    new ServerAddress.Unix(directory.resolve("none")), SECONDS)).isInstanceOf(IOException.class);
            case TLS -> {
                assertThatThrownBy(() -> HeddleClient.connect(ServerAddress.Tls.trustingPublicAuthorities("127.0.0.1",
                        server.port()), SECONDS)).isInstanceOf(SSLException.class)
                        .hasMessage("no trusted authority has signed the server's certificate");
                try (TestServer elsewhere = tlsServer(authority.issueForHost("elsewhere", "heddle.invalid"))) {
                    assertThatThrownBy(() -> HeddleClient.connect(ServerAddress.Tls.trusting(authority.certificate(),
                            "127.0.0.1", elsewhere.port()), SECONDS)).isInstanceOf(SSLException.class)
                            .hasMessageStartingWith("the server's certificate is not for this host: ");
                }
                try (TestServer plain = TestServer.start(Variant.VIRTUAL_NATIVE)) {
                    assertThatThrownBy(() -> HeddleClient.connect(ServerAddress.Tls.trusting(authority.certificate(),
                            "127.0.0.1", plain.port()), SECONDS)).isInstanceOf(SSLException.class)
                            .hasMessageContaining("perhaps it does not speak TLS on this port");
                }
            }
        }
    }
}
