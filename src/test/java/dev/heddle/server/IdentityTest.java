package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.access.Access;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.server.ServerConfig.Transports;
import dev.heddle.testing.OwnFile;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestAuthority;
import dev.heddle.testing.TestAuthority.Issued;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;
import dev.heddle.tls.ServerTls;
import dev.heddle.tls.ServerTls.ClientAuth;

import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that are somebody without a token, because their transport proves it. */
class IdentityTest {
    @TempDir
    private Path directory;

    @Test
    void aClientCertificateIsAUserWithHisPolicy() throws Exception {
        TestAuthority authority = new TestAuthority(directory);
        Issued own = authority.issueForLoopback("server");
        ServerTls tls = new ServerTls(TestAuthority.identity(own, Optional.of(authority.certificate())),
                ClientAuth.OPTIONAL);
        Path file = directory.resolve("users.yaml");
        String users = "ci:\n  certificate: cn=ci\n  policy:\n    programs: [/bin/echo]\n"
                + "other:\n  certificate: CN=other\n";
        try (Access access = Access.fromFile(OwnFile.write(file, users));
                TestServer server = TestServer.start(Variant.VIRTUAL_NATIVE, "resps://127.0.0.1:0",
                        Transports.PLAIN.withTls(tls), access)) {
            Optional<Issued> ci = Optional.of(authority.issueForClient("ci", "/CN=ci"));
            try (RawClient client = connect(authority, ci, server)) {
                assertThat(client.run("RUN", "echo", "x".repeat(100_000)).out()).as("no limits of strangers")
                        .hasSize(100_001);
                assertThat(client.call("ACL", "WHOAMI")).isEqualTo(BulkString.of("ci"));
                assertThat(client.call("RUN", "true")).isInstanceOf(ErrorReply.class);
                assertThat(client.call("RESET")).isEqualTo(new SimpleString("RESET"));
                assertThat(client.call("ACL", "WHOAMI")).isEqualTo(BulkString.of("ci"));
                OwnFile.write(file, users.replace("cn=ci", "CN=somebody"));
                access.reload();
                assertThat(client.socket().getInputStream().read()).isEqualTo(-1);
            }
            assertNobody(connect(authority, ci, server));
            assertNobody(connect(authority, Optional.of(authority.issueForClient("x", "/O=other/CN=other")), server));
            assertNobody(connect(authority, Optional.empty(), server));
            OwnFile.write(file, users);
            access.reload();
            for (String subject : List.of("/CN=CI", "/CN= ci", "/CN=ci ", "/CN=c\ti", "/CN=ci\n", "/CN=c\u00adi")) {
                Issued similar = authority.issueForClient("similar" + Integer.toHexString(subject.hashCode()), subject);
                assertNobody(connect(authority, Optional.of(similar), server));
            }
        }
    }

    private static RawClient connect(TestAuthority authority, Optional<Issued> shown, TestServer server)
            throws Exception {
        return new RawClient(authority.clientContext(shown).getSocketFactory()
                .createSocket("127.0.0.1", server.port()));
    }

    private static void assertNobody(RawClient client) throws Exception {
        try (client) {
            assertThat(client.call("RUN", "true")).isEqualTo(new ErrorReply("NOAUTH Authentication required."));
        }
    }

    @Test
    void theServersOwnUserNeedsNoTokenOnAUnixSocketButWithAUsersFile() throws Exception {
        assertThat(whoAmI(Access.single("secret"))).isEqualTo("$7\r\ndefault\r\n");
        assertThat(whoAmI(users("ada:\n  local: " + System.getProperty("user.name") + "\n")))
                .isEqualTo("$3\r\nada\r\n");
        assertThat(whoAmI(users("ada:\n  local: somebody-else\n"))).as("what a user with a policy may run is of this"
                + " account, too").isEqualTo("-NOAUTH Authentication required.\r\n");
    }

    private Access users(String text) throws Exception {
        return Access.fromFile(OwnFile.write(directory.resolve("users.yaml"), text));
    }

    private String whoAmI(Access granted) throws Exception {
        Path socket = directory.resolve("heddle.sock");
        try (Access access = granted;
                TestServer server = TestServer.start(Variant.VIRTUAL_NATIVE, "resp+unix://" + socket, Transports.PLAIN,
                        access);
                SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            assertThat(server.server().addresses()).hasSize(1);
            client.connect(UnixDomainSocketAddress.of(socket));
            client.write(ByteBuffer.wrap("ACL WHOAMI\r\n".getBytes(StandardCharsets.US_ASCII)));
            client.shutdownOutput();
            InputStream replies = Channels.newInputStream(client);
            return new String(replies.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
