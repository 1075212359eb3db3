package dev.heddle.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.access.TokenHash;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The built server with little memory: nobody fills it, and if it is full nevertheless the server ends. */
@Timeout(180)
class MemoryIT {
    private static final int GREEDY = 30;
    private static final int OUT_OF_MEMORY = 3; // as the JVM ends then

    @TempDir
    private Path directory;

    private final String mark = UUID.randomUUID().toString();
    private final List<RawClient> clients = new ArrayList<>();
    private BuiltHeddle built;

    @BeforeEach
    void prepare() {
        built = new BuiltHeddle(directory);
    }

    @AfterEach
    void endAll() throws Exception {
        for (RawClient client : clients) {
            client.close();
        }
        built.close();
    }

    /** The kernel takes little for it. */
    private RawClient connect() throws IOException {
        String address = built.address();
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress("127.0.0.1",
                Integer.parseInt(address.substring(address.lastIndexOf(':') + 1))));
        RawClient client = new RawClient(socket);
        clients.add(client);
        return client;
    }

    private RawClient login(String user) throws IOException {
        RawClient client = connect();
        assertThat(client.call("AUTH", user, user)).isEqualTo(SimpleString.OK);
        return client;
    }

    private static byte[] ascii(String word) {
        return word.getBytes(StandardCharsets.US_ASCII);
    }

    /** Of all sizes: what is left between the large ones is filled by the small ones. */
    private static byte[] size(int i) {
        return "n".repeat((8 << 20) >> i % 12).getBytes(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({"virtual", "platform"})
    void aRestrictedUserCannotFillTheHeap(String threads) throws Exception {
        Path users = directory.resolve("users.yaml");
        Files.writeString(users, "ada:\n  sha256: " + TokenHash.of("ada") + "\nci:\n  sha256: " + TokenHash.of("ci")
                + "\n  policy:\n    programs: [/bin/true]\n");
        Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-------"));
        Process server = built.serve(Map.of("HEDDLE_JAVA_OPTS", "-Xmx128m"), "--users", users.toString(),
                "--threads", threads);
        for (int i = 0; i < GREEDY; i++) {
            RawClient client = login("ci");
            for (byte[][] request : new byte[][][] {{ascii("CLIENT"), ascii("SETNAME"), size(i)},
                {ascii("CLIENT"), ascii("SETINFO"), ascii("LIB-NAME"), size(i)},
                {ascii("CLIENT"), ascii("SETINFO"), ascii("LIB-VER"), size(i)},
                {ascii("HELLO"), ascii("2"), ascii("SETNAME"), size(i)}}) {
                assertThat(client.request(request).read()).isInstanceOf(ErrorReply.class);
            }
        }
        for (int i = 0; i < 2 * GREEDY; i++) {
            greedy(i % 2 == 0 ? new byte[][] {ascii("ECHO"), size(i)}
                    : new byte[][] {ascii("JOB"), ascii("START"), ascii("STDIN"), size(i), ascii("/bin/true")});
        }
        RawClient owner = login("ada");
        assertThat(owner.run("RUN", "echo", "still here").out()).isEqualTo("still here\n");
        assertThat(new ProcessBuilder("kill", "-TERM", Long.toString(server.pid())).start().waitFor()).isZero();
        for (RawClient client : clients) {
            client.close();
        }
        assertThat(server.waitFor(60, TimeUnit.SECONDS)).as(Files.readString(built.log())).isTrue();
        assertThat(Files.readString(built.log())).contains("stopped: ").doesNotContain("OutOfMemory", "out of memory");
    }

    /** Asks for much and never reads; it may be refused in the middle of it. */
    private void greedy(byte[][] request) throws IOException {
        RawClient client = login("ci");
        try {
            client.request(request);
        } catch (IOException e) {
            assertThat(e).hasMessageMatching("(?i).*(reset|broken pipe).*");
        }
    }

    /** The budget is larger than the heap, which is the operator's mistake. */
    @ParameterizedTest
    @CsvSource({"native, virtual", "native, platform", "jdk, virtual", "jdk, platform"})
    void withoutMemoryTheServerEndsAndItsCommandsWithIt(String engine, String threads) throws Exception {
        Process server = built.serve(Map.of("HEDDLE_JAVA_OPTS", "-Xmx64m"), "--no-auth", "--memory-budget", "1GiB",
                "--engine", engine, "--threads", threads);
        connect().request("SH", "ENV", "MARK", mark, "--", "sleep 600 & exec sleep 600");
        Await.until("it runs", Duration.ofSeconds(30), () -> HostProcesses.withVariable("MARK", mark).size() == 2);
        byte[] half = ("*4\r\n$3\r\nRUN\r\n$5\r\nSTDIN\r\n$30000000\r\n" + "x".repeat(20 << 20))
                .getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 10 && server.isAlive(); i++) {
            try {
                connect().send(half);
            } catch (IOException e) {
                assertThat(server.waitFor(30, TimeUnit.SECONDS)).as("why: " + e).isTrue();
            }
        }
        assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue()).isEqualTo(OUT_OF_MEMORY);
        assertThat(Files.readString(built.log()))
                .contains("\nheddle: out of memory: the server ends, and its commands with it\n");
        Await.until("nothing runs on", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
    }

    /** Whoever asks for memory that is there lives on. */
    @Test
    void whatFitsTheBudgetFitsTheHeap() throws Exception {
        built.serve(Map.of("HEDDLE_JAVA_OPTS", "-Xmx64m"), "--no-auth");
        for (int i = 0; i < GREEDY; i++) {
            RawClient client = connect();
            client.request(ascii("RUN"), ascii("STDIN"), new byte[3 << 20], ascii("sh"), ascii("-c"), ascii("wc -c"));
            clients.add(client);
        }
        try (RawClient other = connect()) {
            assertThat(other.run("RUN", "echo", "on").out()).isEqualTo("on\n");
        }
        assertThat(Files.readString(built.log())).doesNotContain("OutOfMemory", "out of memory");
    }
}
