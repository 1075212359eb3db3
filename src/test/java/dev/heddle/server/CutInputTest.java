package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.testing.Await;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A program never takes half an input for all of it: only EOF ends the stdin of a stream. However else the client
 * stops sending, the program is ended first, and its stdin stays open until it is gone.
 */
@ParameterizedClass
@EnumSource(names = {"VIRTUAL_NATIVE", "PLATFORM_JDK"})
class CutInputTest {
    private static final int CLIENTS = 5;
    /** Goes on reading after TERM, and so sees an end of its input that comes before KILL. */
    private static final String COPY = "trap '' TERM; cat > \"$FILE\" && : > \"$FILE.done\"";
    /** The same by a process that outlives the leader, which ends of TERM at once. */
    private static final String COPY_OF_A_DESCENDANT = "(exec > /dev/null 2>&1; " + COPY + "); :";
    private static final String HALF = "x".repeat(5000);

    @TempDir
    private Path directory;

    @Parameter
    private Variant variant;

    private TestServer server;
    private final List<RawClient> clients = new ArrayList<>();

    /** How a client stops sending without EOF. */
    private enum Cut {
        RESET {
            @Override
            void make(RawClient client) throws IOException {
                client.reset();
            }
        },
        HALF_CLOSE {
            @Override
            void make(RawClient client) throws IOException {
                client.halfClose();
            }
        },
        HALF_CLOSE_INSIDE_A_REQUEST {
            @Override
            void make(RawClient client) throws IOException {
                client.send("*2\r\n$5\r\nSTDIN\r\n$100\r\nonly this").halfClose();
            }
        },
        CLOSE {
            @Override
            void make(RawClient client) throws IOException {
                client.close();
            }
        },
        PROTOCOL_ERROR {
            @Override
            void make(RawClient client) throws IOException {
                client.send("*1\r\nnonsense\r\n");
            }
        },
        TOO_MUCH_FOR_THE_WINDOW {
            @Override
            void make(RawClient client) throws IOException {
                client.request("STDIN", "x".repeat(1 << 20));
            }
        },
        QUIT {
            @Override
            void make(RawClient client) throws IOException {
                client.request("QUIT");
            }
        };

        abstract void make(RawClient client) throws IOException;
    }

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(variant);
    }

    @AfterEach
    void stop() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
        server.close();
    }

    /** So many clients, each with half of its program's input sent, and taken by the program. */
    private void begin() throws Exception {
        begin(COPY);
    }

    private void begin(String script) throws Exception {
        for (int i = 0; i < CLIENTS; i++) {
            RawClient client = Streamed.connect(server);
            clients.add(client);
            Path file = directory.resolve("file-" + i);
            client.request("SH", "STREAM", "ENV", "FILE", file.toString(), script);
            Streamed.push(client, "started");
            client.request("STDIN", HALF);
            Await.until("half of it is there", () -> Files.exists(file) && Files.size(file) == HALF.length());
        }
    }

    private void assertNothingIsDone() throws Exception {
        Await.until("all have ended", Duration.ofSeconds(60), () -> server.server().service().status().running() == 0);
        List<Path> done = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.done")) {
            files.forEach(done::add);
        }
        assertThat(done).as("programs that took half an input for all of it").isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Cut.class)
    void aCutInputIsNoEnd(Cut cut) throws Exception {
        begin();
        for (RawClient client : clients) {
            cut.make(client);
        }
        assertNothingIsDone();
    }

    @Test
    void aLeaderThatEndsFirstDoesNotEndTheInputOfOthers() throws Exception {
        begin(COPY_OF_A_DESCENDANT);
        for (RawClient client : clients) {
            client.reset();
        }
        assertNothingIsDone();
    }

    @ParameterizedTest
    @EnumSource
    void aStopIsNoEnd(Stop stop) throws Exception {
        begin();
        switch (stop) {
            case DRAIN -> server.server().stop(Duration.ofMillis(200));
            case CLOSE -> server.close();
        }
        assertNothingIsDone();
    }

    private enum Stop { DRAIN, CLOSE }

    @Test
    void aClientThatIsTooSlowInsideARequestIsNoEnd() throws Exception {
        server.close();
        server = TestServer.start(variant, Optional.empty(), limits -> limits.with(
                limits.timeouts().withRequest(Duration.ofSeconds(1))));
        begin();
        for (RawClient client : clients) {
            client.send("*2\r\n$5\r\nSTDIN\r\n$100\r\nonly this");
        }
        assertNothingIsDone();
    }

    @Test
    void eofAndTheOptionAreTheEnd() throws Exception {
        try (RawClient client = Streamed.connect(server)) {
            client.request("RUN", "STREAM", "cat").request("STDIN", "all").request("EOF").halfClose();
            assertThat(Streamed.readAll(client).out.toString()).isEqualTo("all");
        }
        try (RawClient client = Streamed.connect(server)) {
            client.request("RUN", "STREAM", "STDIN", "all", "cat").request("QUIT");
            assertThat(Streamed.readAll(client).out.toString()).isEqualTo("all");
        }
    }

    @Test
    void aStreamThatReadsNothingIsAnsweredAfterAHalfCloseAndAQuit() throws Exception {
        try (RawClient client = Streamed.connect(server)) {
            client.request("SH", "STREAM", "sleep 0.1; echo ok").halfClose();
            assertThat(Streamed.readAll(client).out.toString()).isEqualTo("ok\n");
        }
        try (RawClient client = Streamed.connect(server)) {
            client.request("SH", "STREAM", "sleep 0.1; echo ok").request("QUIT");
            assertThat(Streamed.readAll(client).out.toString()).isEqualTo("ok\n");
        }
    }
}
