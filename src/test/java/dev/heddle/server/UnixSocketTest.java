package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.heddle.client.HeddleClient;
import dev.heddle.client.RunRequest;
import dev.heddle.client.ServerAddress;
import dev.heddle.server.ServerConfig.Transports;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** resp+unix://: the file, who may use it, and how its clients leave. */
@ParameterizedClass
@EnumSource(names = {"VIRTUAL_NATIVE", "PLATFORM_NATIVE"})
@Timeout(60)
class UnixSocketTest {
    private static final Duration SECONDS = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    @Parameter
    private Variant variant;

    private final String mark = UUID.randomUUID().toString();
    private Path file;

    @BeforeEach
    void prepare() throws IOException {
        file = directory.resolve("heddle.sock");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x")); // for other users
    }

    private TestServer start(String... localUsers) throws Exception {
        return TestServer.start(variant, "resp+unix://" + file, Transports.PLAIN.withLocalUsers(List.of(localUsers)),
                limits -> limits);
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.filter(Files::isDirectory)).as("folders that were bound in").isEmpty();
        }
    }

    private String talk(String bytes) throws IOException {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
            client.write(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.UTF_8)));
            client.shutdownOutput();
            ByteBuffer answer = ByteBuffer.allocate(1 << 16);
            int n = 0;
            while (n >= 0) {
                n = client.read(answer);
            }
            return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void servesItsOwnUser() throws Exception {
        try (TestServer server = start()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
            assertThat(talk("PING\r\nSH \"sleep 0.1; echo out\"\r\n")).startsWith("+PONG\r\n*5\r\n$6\r\nexited\r\n")
                    .contains("\r\nout\n\r\n");
            assertThat(talk("CLIENT LIST\r\n")).contains(" addr=unix:" + System.getProperty("user.name")
                    + " laddr=unix:" + file + " name=");
            assertThat(server.server().addresses()).singleElement().hasToString("resp+unix://" + file);
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void aCommandWhoseClientHasLeftIsEnded() throws Exception {
        try (TestServer server = start()) {
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
                client.write(ByteBuffer.wrap(("RUN ENV MARK " + mark + " sleep 600\r\n").getBytes()));
                Await.until("it runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
            }
            Await.until("it is gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
            assertThat(server.server().stop(SECONDS).how()).isEqualTo(StopReport.How.GRACEFUL);
        }
    }

    @Test
    void aStaleFileIsReplacedAndALiveOneIsNot() throws Exception {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(file)).close();
        assertThat(file).exists();
        try (TestServer server = start()) {
            assertThat(talk("PING\r\n")).isEqualTo("+PONG\r\n");
            assertThatThrownBy(() -> start().close()).isInstanceOf(IOException.class)
                    .hasMessage("cannot listen on " + file + ": the address is already in use");
            assertThat(talk("PING\r\n")).isEqualTo("+PONG\r\n");
        }
    }

    @Test
    void aFileOfASuccessorStays() throws Exception {
        try (TestServer server = start()) {
            Files.delete(file);
            try (TestServer successor = start()) {
                server.close();
                assertThat(talk("PING\r\n")).isEqualTo("+PONG\r\n");
            }
        }
    }

    @Test
    void whatIsNoSocketIsLeftAlone() throws Exception {
        Files.writeString(file, "precious");
        assertThatThrownBy(() -> start().close()).isInstanceOf(IOException.class)
                .hasMessage("cannot listen on " + file + ": there is a file that is no socket");
        assertThat(file).hasContent("precious");
        Path real = Files.move(file, directory.resolve("real"));
        Files.createSymbolicLink(file, real);
        assertThatThrownBy(() -> start().close()).hasMessageEndingWith("there is a file that is no socket");
        assertThat(real).hasContent("precious");
    }

    @Test
    void pathsThatCannotBeAreNamed() throws Exception {
        String folder = directory.toString();
        file = directory.resolve("s".repeat(107 - folder.length() - 1));
        start().close();
        file = directory.resolve("s".repeat(108 - folder.length() - 1));
        assertThatThrownBy(() -> start().close()).isInstanceOf(IOException.class)
                .hasMessageContaining("the path is too long for a socket: at most 107 bytes here");
        file = directory.resolve("none").resolve("s");
        assertThatThrownBy(() -> start().close()).hasMessage("cannot listen on " + file + ": no such directory");
    }

    /** PING as nobody, by redis-cli. */
    private String pingAsNobody() throws Exception {
        ProcessBuilder builder = new ProcessBuilder("setpriv", "--reuid", "65534", "--clear-groups", "redis-cli", "-s",
                file.toString(), "PING").redirectErrorStream(true);
        builder.environment().remove("REDISCLI_AUTH"); // whoever follows the README has set it
        Process client = builder.start();
        String output = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(client.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return output.strip();
    }

    @Test
    void othersStayOutUnlessTheyAreNamed() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can become somebody else");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/redis-cli")), "redis-cli is installed");
        try (TestServer server = start()) {
            assertThat(pingAsNobody()).contains("Permission denied");
        }
        try (TestServer server = start("daemon")) {
            assertThat(pingAsNobody()).contains("DENIED user 'nobody' may not use this socket");
            assertThat(talk("PING\r\n")).isEqualTo("+PONG\r\n");
        }
        try (TestServer server = start("daemon", "nobody")) {
            assertThat(pingAsNobody()).isEqualTo("PONG");
        }
    }

    @Test
    void theLibrarySendsAndTakesAnySize() throws Exception {
        try (TestServer server = start();
                HeddleClient client = HeddleClient.connect(new ServerAddress.Unix(file), SECONDS)) {
            byte[] large = "0123456789".repeat(500_000).getBytes();
            assertThat(client.run(RunRequest.program(List.of("cat")).withStdin(large).withMaxOutputBytes(10 << 20))
                    .stdout()).isEqualTo(large);
        }
    }
}
