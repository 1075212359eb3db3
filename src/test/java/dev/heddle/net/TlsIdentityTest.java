package dev.heddle.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.testing.TestAuthority;
import dev.heddle.testing.TestAuthority.Issued;
import dev.heddle.tls.ServerTls;
import dev.heddle.tls.ServerTls.ClientAuth;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client's certificate proves. */
@Timeout(60)
class TlsIdentityTest {
    @TempDir
    private static Path directory;

    private static TestAuthority authority;
    private static Issued own;
    private static Issued alice;
    private static Issued stranger;

    @BeforeAll
    static void issue() throws Exception {
        authority = new TestAuthority(directory);
        own = authority.issueForLoopback("server");
        alice = authority.issueForClient("alice", "/O=Acme, Inc./CN=alice");
        stranger = new TestAuthority(Files.createDirectory(directory.resolve("elsewhere")))
                .issueForClient("alice", "/O=Acme, Inc./CN=alice");
    }

    /** Lets a client in; what it proves, once a byte of it has come. */
    private static PeerIdentity identityOf(Optional<Issued> shown, ClientAuth auth) throws Exception {
        ServerTls tls = new ServerTls(TestAuthority.identity(own, Optional.of(authority.certificate())), auth);
        try (ServerSocketChannel listening = ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            FutureTask<PeerIdentity> server = new FutureTask<>(() -> {
                try (ClientSocket socket = ClientSocket.tls(listening.accept(), tls::engine, new byte[0],
                        Duration.ofMinutes(1))) {
                    socket.establish();
                    assertThat(socket.input().read()).isEqualTo('x');
                    return socket.identity();
                }
            });
            Thread.ofVirtual().start(server);
            int port = ((InetSocketAddress) listening.getLocalAddress()).getPort();
            try (SSLSocket client = (SSLSocket) authority.clientContext(shown).getSocketFactory()
                    .createSocket("127.0.0.1", port)) {
                client.getOutputStream().write('x');
                client.getInputStream().read();
            } catch (IOException e) {
                assertThatThrownBy(server::get).isInstanceOf(ExecutionException.class); // both sides say so
            }
            try {
                return server.get();
            } catch (ExecutionException e) {
                throw (Exception) e.getCause();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPTIONAL", "REQUIRED"})
    void aGoodCertificateIsAName(ClientAuth auth) throws Exception {
        assertThat(identityOf(Optional.of(alice), auth))
                .isEqualTo(new PeerIdentity.Certificate("CN=alice,O=Acme\\, Inc."));
    }

    @ParameterizedTest
    @EnumSource(names = {"OPTIONAL", "REQUIRED"})
    void aStrangersIsRefused(ClientAuth auth) {
        assertThatThrownBy(() -> identityOf(Optional.of(stranger), auth)).isInstanceOf(SSLException.class);
    }

    @Test
    void noneIsNoName() throws Exception {
        assertThat(identityOf(Optional.empty(), ClientAuth.OPTIONAL)).isEqualTo(new PeerIdentity.Unproven());
        assertThat(identityOf(Optional.of(alice), ClientAuth.NONE)).isEqualTo(new PeerIdentity.Unproven());
        assertThatThrownBy(() -> identityOf(Optional.empty(), ClientAuth.REQUIRED)).isInstanceOf(SSLException.class);
    }
}
