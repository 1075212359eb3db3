package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes into a program with RUN and SH, and what comes out of it: all of it, or as much as was asked for. */
@ParameterizedClass
@EnumSource(Variant.class)
class RunInputOutputTest {
    private static final int MEGABYTE = 1 << 20;

    @Parameter
    private Variant variant;

    @TempDir
    private Path directory;

    private TestServer server;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(variant);
        client = server.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void feedsStdin() throws Exception {
        assertThat(client.run("RUN", "STDIN", "some text", "cat").out()).isEqualTo("some text");
        assertThat(client.run("RUN", "STDIN", "", "cat").out()).isEmpty();
        assertThat(client.run("RUN", "cat").out()).as("without STDIN it is empty").isEmpty();
    }

    @Test
    void stdinThatNobodyReadsDoesNotHold() throws Exception {
        byte[] much = new byte[MEGABYTE];
        client.request(bytes("RUN"), bytes("STDIN"), much, bytes("true"));
        assertThat(client.read()).asString().contains("exited");
        client.request(bytes("RUN"), bytes("STDIN"), much, bytes("TIMEOUT"), bytes("200"), bytes("sleep"),
                bytes("60"));
        assertThat(client.read()).asString().contains("timeout");
        client.request(bytes("SH"), bytes("STDIN"), much, bytes("exec <&-; echo done"));
        assertThat(client.read()).asString().contains("done");
    }

    @Test
    void largeBinaryStdinComesBackExact() throws Exception {
        byte[] noise = new byte[5 * MEGABYTE];
        ThreadLocalRandom.current().nextBytes(noise);
        client.request(bytes("RUN"), bytes("MAXOUT"), bytes("10000000"), bytes("STDIN"), noise, bytes("cat"));
        assertThat(Arrays.equals(Reply.of(client.read()).stdout(), noise)).isTrue();
    }

    @Test
    void mergesStderrInOrder() throws Exception {
        Reply reply = client.run("SH", "MERGE", "echo 1; echo 2 >&2; echo 3");
        assertThat(reply.out()).isEqualTo("1\n2\n3\n");
        assertThat(reply.err()).isEmpty();
    }

    @Test
    void moreThanTheServersMaximumIsTakenAsTheMaximum() throws Exception {
        assertThat(client.run("RUN", "MAXOUT", "999999999999", "echo", "a").out()).isEqualTo("a\n");
    }

    @Test
    void tenMegabytesOnBothStreamsArriveExact() throws Exception {
        byte[] noise = new byte[10 * MEGABYTE];
        ThreadLocalRandom.current().nextBytes(noise);
        Arrays.fill(noise, 1000, 5000, (byte) 0);
        Path file = Files.write(directory.resolve("noise"), noise);
        Reply reply = client.run("SH", "MAXOUT", "20000000", "cat \"$1\" & cat \"$1\" >&2; wait", file.toString());
        assertThat(Arrays.equals(reply.stdout(), noise)).as("stdout").isTrue();
        assertThat(Arrays.equals(reply.stderr(), noise)).as("stderr").isTrue();
        assertThat(reply.usage().subList(4, 7)).containsExactly((long) noise.length, (long) noise.length, 0L);
    }

    @Test
    void overTheCapHeadAndTailAreKeptAndAllIsCounted() throws Exception {
        byte[] noise = new byte[3 * MEGABYTE + 17];
        ThreadLocalRandom.current().nextBytes(noise);
        Path file = Files.write(directory.resolve("noise"), noise);
        Reply reply = client.run("SH", "MAXOUT", "100001", "cat \"$1\"; echo end >&2", file.toString());
        byte[] expected = new byte[100_001];
        System.arraycopy(noise, 0, expected, 0, 50_001);
        System.arraycopy(noise, noise.length - 50_000, expected, 50_001, 50_000);
        assertThat(reply.state()).isEqualTo("exited");
        assertThat(reply.stdout()).isEqualTo(expected);
        assertThat(reply.err()).isEqualTo("end\n");
        assertThat(reply.usage().subList(4, 7))
                .containsExactly((long) noise.length, 4L, (long) noise.length - 100_001);
    }

    @ParameterizedTest
    @CsvSource({"1,a", "2,ae", "3,abe", "4,abde", "5,abcde", "6,abcde"})
    void capsOfAFewBytes(String cap, String kept) throws Exception {
        Reply reply = client.run("RUN", "MAXOUT", cap, "printf", "abcde");
        assertThat(reply.out()).isEqualTo(kept);
        assertThat(reply.usage().get(6)).isEqualTo(5 - kept.length());
    }

    @Test
    void limitKillEndsACommandThatPrintsTooMuch() throws Exception {
        Reply reply = client.run("RUN", "MAXOUT", "1000", "LIMIT", "kill", "yes");
        assertThat(reply.state()).isEqualTo("cancelled");
        assertThat(reply.stdout()).hasSize(1000);
        assertThat(client.run("RUN", "MAXOUT", "3", "LIMIT", "kill", "printf", "abc").state())
                .as("exactly the limit is not too much").isEqualTo("exited");
    }

    @Test
    void stderrAfterTheEndOfStdoutArrives() throws Exception {
        Reply reply = client.run("SH", "exec >&-; sleep 0.2; echo late >&2; exit 6");
        assertThat(reply.err()).isEqualTo("late\n");
        assertThat(reply.code()).isEqualTo(6);
    }

    @Test
    void aBrokenPipeEndsAWriterAsInAShell() throws Exception {
        assertThat(client.run("SH", "TIMEOUT", "5000", "yes | head -1").out()).isEqualTo("y\n");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
