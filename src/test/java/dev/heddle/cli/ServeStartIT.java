package dev.heddle.cli;

import static dev.heddle.cli.BuiltHeddle.HEDDLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heddle.cli.BuiltHeddle.Finished;
import dev.heddle.cli.local.ExitCodes;
import dev.heddle.testing.Await;
import dev.heddle.testing.InheritedSignals;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that cannot start, does not come up, or has no room left, and what signals do then. */
class ServeStartIT {
    private static final Duration UP = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private BuiltHeddle built;

    @BeforeEach
    void prepare() {
        built = new BuiltHeddle(directory);
    }

    @AfterEach
    void endAll() throws InterruptedException {
        built.close();
    }

    private static void signal(String name, Process process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor()).isZero();
    }

    private Path fifo() throws Exception {
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", "-m", "600", fifo.toString()).start().waitFor()).isZero();
        return fifo;
    }

    private void assertRefused(Path file, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(HEDDLE, "serve"));
        command.addAll(List.of(options));
        Finished finished = built.run(Map.of("HEDDLE_PASSWORD", ""), new byte[0], command.toArray(String[]::new));
        assertThat(finished.err().lines()).singleElement().asString().startsWith("heddle serve: ")
                .contains(file.toString()).contains("not a regular file");
        assertThat(finished.code()).isEqualTo(ExitCodes.FAILED);
    }

    @Test
    void noFifoIsWaitedFor() throws Exception {
        String fifo = fifo().toString();
        String plain = "resp://127.0.0.1:0";
        assertRefused(Path.of(fifo), "--no-auth", "--listen", plain, "--audit-log", fifo);
        assertRefused(Path.of(fifo), "--no-auth", "--listen", plain, "--print-addresses", fifo);
        assertRefused(Path.of(fifo), "--listen", plain, "--users", fifo);
        assertRefused(Path.of(fifo), "--no-auth", "--listen", "resps://127.0.0.1:0", "--tls-cert", fifo, "--tls-key",
                fifo);
        Path folder = Files.createDirectories(directory.resolve("no-config/heddle"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.move(Path.of(fifo), folder.resolve("token"));
        assertRefused(folder.resolve("token"), "--listen", plain);
    }

    @Test
    void devicesSocketsDirectoriesAndLinksAreNotReplacedOrAppendedTo() throws Exception {
        Path socket = directory.resolve("socket");
        try (ServerSocketChannel bound = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            bound.bind(UnixDomainSocketAddress.of(socket));
            Path link = Files.createSymbolicLink(directory.resolve("device"), Path.of("/dev/null"));
            for (Path file : List.of(link, socket, Files.createDirectory(directory.resolve("folder")))) {
                for (String option : List.of("--audit-log", "--print-addresses")) {
                    assertRefused(file, "--no-auth", "--listen", "resp://127.0.0.1:0", option, file.toString());
                }
            }
            assertThat(link).isSymbolicLink();
        }
    }

    /** A server of another kind that accepts nobody, so that whoever connects to it waits. */
    private static final class Unanswered implements AutoCloseable {
        private final ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        private final List<SocketChannel> waiting = new ArrayList<>();

        Unanswered(Path path) throws IOException {
            listening.bind(UnixDomainSocketAddress.of(path), 1);
            while (connects(path)) { }
        }

        private boolean connects(Path path) throws IOException {
            SocketChannel next = SocketChannel.open(StandardProtocolFamily.UNIX);
            waiting.add(next);
            next.configureBlocking(false);
            try {
                return next.connect(UnixDomainSocketAddress.of(path));
            } catch (IOException e) {
                return false; // EAGAIN: its queue is full
            }
        }

        @Override
        public void close() throws IOException {
            for (SocketChannel channel : waiting) {
                channel.close();
            }
            listening.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSignalEndsAStartThatHangs(String signal) throws Exception {
        InheritedSignals.assumeNotIgnored(signal.equals("INT") ? 2 : 15);
        Path folder = Files.createDirectory(directory.resolve("sockets"));
        try (Unanswered other = new Unanswered(folder.resolve("s"))) {
            assertThat(other.listening.isOpen()).isTrue();
            Process server = built.start(HEDDLE, "serve", "--no-auth", "--listen",
                    "resp+unix://" + folder.resolve("s"));
            Await.until("it looks whether somebody listens", UP, () -> {
                assertThat(server.isAlive()).isTrue();
                try (Stream<Path> files = Files.walk(folder)) {
                    return files.count() > 2; // its own socket is bound under another name before
                }
            });
            signal(signal, server);
            assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).isZero();
        }
    }

    @Test
    void aSignalStopsAServerWhoseOutputNobodyTakes() throws Exception {
        Path fifo = fifo();
        try (FileChannel both = FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer pipe = ByteBuffer.allocate(64 << 10); // what a pipe holds, see pipe(7)
            while (pipe.hasRemaining()) {
                both.write(pipe);
            }
            Path addresses = directory.resolve("addresses");
            Process server = built.start(new ProcessBuilder(HEDDLE, "serve", "--no-auth", "--listen",
                    "resp://127.0.0.1:0", "--print-addresses", addresses.toString()).redirectOutput(fifo.toFile()));
            Await.until("it is up", UP, () -> Files.exists(addresses));
            signal("TERM", server);
            assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).isZero();
        }
    }

    /** A server of a user whose limit of processes holds; afterwards it can start no thread any more. */
    private Process serveWithoutRoom(String... options) throws Exception {
        assumeThat(Files.isExecutable(Path.of("/usr/bin/setpriv")) && Files.isExecutable(Path.of("/usr/bin/prlimit")))
                .as("setpriv(1) and prlimit(1) are installed").isTrue();
        List<String> user = new ArrayList<>();
        if (Files.getOwner(directory).getName().equals("root")) { // whom no limit holds
            user.addAll(List.of("/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        List<String> readable = new ArrayList<>(user);
        readable.addAll(List.of("test", "-x", HEDDLE));
        assumeThat(new ProcessBuilder(readable).start().waitFor()).as("that user can run it").isZero();
        Path addresses = directory.resolve("addresses");
        List<String> command = new ArrayList<>(user);
        command.addAll(List.of(HEDDLE, "serve", "--no-auth", "--listen", "resp://127.0.0.1:0", "--print-addresses",
                addresses.toString()));
        command.addAll(List.of(options));
        Process server = built.start(new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(built.log().toFile()));
        Await.until("it is up", UP, () -> {
            assertThat(server.isAlive()).as(Files.readString(built.log())).isTrue();
            return Files.exists(addresses) && Files.readString(built.log()).contains("listening on ");
        });
        List<String> limit = new ArrayList<>(user);
        limit.addAll(List.of("/usr/bin/prlimit", "--pid", Long.toString(server.pid()), "--nproc=1:"));
        assertThat(new ProcessBuilder(limit).start().waitFor()).isZero();
        return server;
    }

    @Test
    void noSignalIsLostWhereNoThreadCanBeStarted() throws Exception {
        InheritedSignals.assumeNotIgnored(1);
        Path audit = directory.resolve("audit.log");
        Process server = serveWithoutRoom("--audit-log", audit.toString());
        Files.move(audit, directory.resolve("audit.log.1"));
        signal("HUP", server);
        Await.until("the audit log is there again", UP, () -> Files.exists(audit));
        signal("TERM", server);
        assertThat(server.waitFor(60, TimeUnit.SECONDS)).as(Files.readString(built.log())).isTrue();
        assertThat(Files.readString(built.log())).contains("stopped: GRACEFUL, ");
        assertThat(server.exitValue()).isZero();
    }
}
