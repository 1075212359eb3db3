package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.server.ServerConfig.Ancestors;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The upper:// protocol. */
@ParameterizedClass
@EnumSource(Variant.class)
class UpperTest {
    private static final String TEXT = "hällo wörld, ça va? привет 欢迎 𝒶𐐨 straße\n";

    @Parameter
    private Variant variant;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(variant, "upper://127.0.0.1:0", Ancestors.DEFAULT);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"hello,HELLO", "hällo,HÄLLO", "straße,STRASSE", "привет,ПРИВЕТ", "欢迎,欢迎", "𐐨,𐐀"})
    void answersInUpperCase(String text, String answer) throws Exception {
        try (RawClient client = server.connect()) {
            assertThat(client.send(text).halfClose().readToEnd()).isEqualTo(answer);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 1023})
    void charactersMayBeCutAnywhere(int pieceBytes) throws Exception {
        byte[] bytes = TEXT.repeat(30).getBytes(StandardCharsets.UTF_8);
        try (RawClient client = server.connect()) {
            client.socket().setTcpNoDelay(true);
            for (int i = 0; i < bytes.length; i += pieceBytes) {
                client.send(Arrays.copyOfRange(bytes, i, Math.min(i + pieceBytes, bytes.length)));
            }
            assertThat(client.halfClose().readToEnd()).isEqualTo(TEXT.repeat(30).toUpperCase(Locale.ROOT));
        }
    }

    @Test
    void bytesThatAreNoTextComeBackUnchanged() throws Exception {
        try (RawClient client = server.connect()) {
            client.send(new byte[] {'a', (byte) 0xff, 'b', 0, 'c', (byte) 0xe6, (byte) 0xac});
            client.halfClose();
            assertThat(client.socket().getInputStream().readAllBytes())
                    .isEqualTo(new byte[] {'A', (byte) 0xff, 'B', 0, 'C', (byte) 0xe6, (byte) 0xac});
        }
    }

    @Test
    void greetsWhenItIsToldTo() throws Exception {
        try (TestServer greeting = TestServer.start(variant, "upper://127.0.0.1:0",
                        Ancestors.DEFAULT.withUpperGreeting("欢迎连接到服务器。。。"));
                RawClient client = greeting.connect()) {
            assertThat(client.send("x").halfClose().readToEnd()).isEqualTo("欢迎连接到服务器。。。X");
        }
    }

    @Test
    void twoHundredClientsAtOnceAreRight() throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String text = "client " + i + " " + TEXT;
                answers.add(clients.submit(() -> {
                    try (RawClient client = server.connect()) {
                        return client.send(text.repeat(20)).halfClose().readToEnd();
                    }
                }));
            }
            for (int i = 0; i < 200; i++) {
                assertThat(answers.get(i).get()).isEqualTo(
                        ("client " + i + " " + TEXT).repeat(20).toUpperCase(Locale.ROOT));
            }
        }
    }

    @Test
    void fiveHundredDisorderedDropsLeaveNothing() throws Exception {
        Random random = new Random(13);
        try (RawClient probe = server.connect()) {
            probe.send("a");
            assertThat(probe.readText(1)).isEqualTo("A");
            long descriptors = HostProcesses.descriptors();
            List<RawClient> open = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                RawClient client = server.connect();
                byte[] noise = new byte[random.nextInt(1, 5000)];
                random.nextBytes(noise);
                client.send(noise);
                switch (random.nextInt(4)) {
                    case 0 -> client.reset();
                    case 1 -> client.close();
                    case 2 -> open.add(client.halfClose());
                    default -> open.add(client);
                }
            }
            for (RawClient client : open) {
                client.reset();
            }
            Await.until("descriptors are back", () -> HostProcesses.descriptors() <= descriptors);
            probe.send("b");
            assertThat(probe.readText(1)).isEqualTo("B");
        }
    }
}
