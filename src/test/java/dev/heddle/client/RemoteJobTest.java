package dev.heddle.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.command.Outcome;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Jobs through the Java library, against a server. */
@Timeout(60)
class RemoteJobTest {
    private static final Duration SECONDS = Duration.ofSeconds(20);

    private final String mark = UUID.randomUUID().toString();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private TestServer server;
    private HeddleClient client;

    @BeforeEach
    void connect() throws Exception {
        server = TestServer.start(Variant.VIRTUAL_NATIVE);
        client = HeddleClient.connect("127.0.0.1", server.port(), SECONDS);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
    }

    private static RunRequest program(String... argv) {
        return RunRequest.program(List.of(argv));
    }

    private static RunRequest script(String script, String... arguments) {
        return RunRequest.script(script, List.of(arguments));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void aJobOutlivesItsClient() throws Exception {
        RemoteJob job = client.startJob(script("echo \"$1\"; read x; echo \"<$x>\" >&2; read x; exit 5", "a b"));
        client.close();
        try (HeddleClient other = HeddleClient.connect("127.0.0.1", server.port(), SECONDS)) {
            RemoteJob same = other.job(job.id());
            JobOutput first = same.read(0, 100, SECONDS);
            assertThat(first.chunks()).singleElement().satisfies(chunk -> {
                assertThat(chunk.stderr()).isFalse();
                assertThat(chunk.offset()).isZero();
                assertThat(text(chunk.bytes())).isEqualTo("a b\n");
            });
            assertThat(first.outcome()).isEmpty();
            assertThat(same.read(first.cursor(), 100, Duration.ZERO).chunks()).as("nothing new").isEmpty();
            assertThat(same.await(Duration.ZERO)).isEmpty();
            assertThat(same.write(0, "one\n".getBytes())).isEqualTo(4);
            assertThat(same.write(0, "one\n".getBytes())).as("again").isEqualTo(4);
            JobOutput second = same.read(first.cursor(), 100, SECONDS);
            assertThat(second.chunks()).singleElement().satisfies(chunk -> {
                assertThat(chunk.stderr()).isTrue();
                assertThat(chunk.offset()).isEqualTo(4);
                assertThat(text(chunk.bytes())).isEqualTo("<one>\n");
            });
            assertThatThrownBy(() -> same.write(5, new byte[1])).isInstanceOf(ErrorReplyException.class);
            assertThatThrownBy(same::remove).isInstanceOf(ErrorReplyException.class);
            same.endInput();
            assertThat(same.await().outcome()).isEqualTo(new Outcome.Exited(5));
            assertThat(same.follow(0, JobSink.of(out, err))).isEqualTo(new Outcome.Exited(5));
            assertThat(out + "|" + err).isEqualTo("a b\n|<one>\n");
            assertThat(same.info()).satisfies(info -> {
                assertThat(info.outcome()).contains(new Outcome.Exited(5));
                assertThat(info.argv()).startsWith("/bin/sh", "-c").endsWith("sh", "a b");
                assertThat(info.outputBytes()).isEqualTo(10);
                assertThat(info.bytesLeftOut()).isZero();
                assertThat(info.ended().orElseThrow()).isAfterOrEqualTo(info.started());
            });
            assertThat(other.jobs()).extracting(JobInfo::id).containsExactly(job.id());
            same.remove();
            assertThat(other.jobs()).isEmpty();
            assertThatThrownBy(same::info).isInstanceOfSatisfying(ErrorReplyException.class,
                    e -> assertThat(e.code()).isEqualTo("NOJOB"));
        }
    }

    @Test
    void gapsAreTold() throws Exception {
        RemoteJob job = client.startJob(program("seq", "1", "100000").withMaxOutputBytes(1000).withStdin(new byte[0]));
        assertThat(job.await().usage().bytesLeftOut()).isEqualTo(588_895 - 1000);
        List<Object> seen = new ArrayList<>();
        JobSink sink = new JobSink() {
            @Override
            public void output(JobOutput.Chunk chunk) {
                out.writeBytes(chunk.bytes());
                seen.add(chunk.offset());
            }

            @Override
            public void gap(long bytes) {
                seen.add("gap " + bytes);
            }
        };
        assertThat(job.replay(0, sink)).isEqualTo(588_895);
        assertThat(seen).contains("gap 587895", 588_395L);
        assertThat(out.toString()).startsWith("1\n2\n").endsWith("\n100000\n").hasSize(1000);
        seen.clear();
        job.follow(588_000, sink);
        assertThat(seen).as("from within the gap").startsWith("gap 395");
    }

    @Test
    void aJobIsSignaled() throws Exception {
        RemoteJob job = client.startJob(script("sleep 600 | cat").withEnvironment(Map.of("MARK", mark)));
        job.signal("TERM");
        assertThat(job.await().outcome()).isEqualTo(new Outcome.Signaled(15));
        Await.until("nothing runs", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
        assertThatThrownBy(() -> job.signal("TERM")).isInstanceOf(ErrorReplyException.class);
        assertThatThrownBy(() -> job.signal("BOGUS")).isInstanceOf(ErrorReplyException.class);
    }

    /** More than what the server holds for a program that does not read. */
    @Test
    void longInputOfAJob() throws Exception {
        RemoteJob job = client.startJob(program("wc", "-c"));
        long offset = 0;
        for (int i = 0; i < 5; i++) {
            offset = job.write(offset, new byte[1_000_003]);
        }
        job.endInput();
        job.follow(0, JobSink.of(out, err));
        assertThat(out.toString().strip()).isEqualTo("5000015").isEqualTo(Long.toString(offset));
    }

    @Test
    void aJobHasTheNameThatItsClientGivesIt() throws Exception {
        String info = "$3\r\na-1\r\n$7\r\nrunning\r\n_\r\n*1\r\n$4\r\ntrue\r\n:1\r\n_\r\n:0\r\n:0\r\n";
        try (ScriptedServer scripted = new ScriptedServer(); HeddleClient named = scripted.connect()) {
            scripted.say("$3\r\na-1\r\n");
            RemoteJob started = named.startJob(program("true").withName("nightly").withId("7"));
            scripted.expect("JOB START NAME nightly ID 7 -- true");
            scripted.say("*9\r\n" + info + "$7\r\nnightly\r\n" + "*9\r\n" + info + "_\r\n" + "*8\r\n" + info);
            assertThat(started.info().name()).contains("nightly");
            assertThat(started.info().name()).isEmpty();
            assertThat(started.info().name()).as("of a server without names").isEmpty();
        }
    }
}
