package dev.heddle.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The server's process stands still, as when it is stopped or its virtual machine is moved, for longer than each of its
 * time limits. What its clients and commands have done meanwhile must count for more than that the time is over.
 */
class PauseIT {
    /** Of everything: longer than it takes to get everything under way. */
    private static final Duration LIMIT = Duration.ofSeconds(6);
    private static final Duration PAUSE = LIMIT.plusSeconds(2);
    private static final String LIMIT_MILLIS = Long.toString(LIMIT.toMillis());
    private static final int LARGE = 40 << 20;

    @TempDir
    private Path directory;

    private final String mark = UUID.randomUUID().toString();
    private BuiltHeddle built;
    private Process server;

    @BeforeEach
    void prepare() {
        built = new BuiltHeddle(directory);
    }

    @AfterEach
    void endAll() throws Exception {
        built.close();
        for (long pid : HostProcesses.withVariable("MARK", mark)) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private void serve(String threads, String engine, String... options) throws Exception {
        String limit = LIMIT_MILLIS + "ms";
        server = built.serve(Map.of(), Stream.concat(List.of("--no-auth", "--threads", threads,
                "--engine", engine, "--hangup-grace", limit, "--request-timeout", limit, "--idle-timeout", limit,
                "--write-timeout", limit, "--max-wait", limit, "--drain-time", limit).stream(),
                List.of(options).stream()).toArray(String[]::new));
    }

    private RawClient connect() throws Exception {
        String address = built.address();
        return new RawClient(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
    }

    /** A script that ends only when the test lets it. */
    private String waiting(String rest) {
        return "until [ -e " + directory.resolve("go") + " ]; do sleep 0.02; done; " + rest;
    }

    private void awaitScripts(int count) throws Exception {
        try (RawClient client = connect()) {
            Await.until("all run", Duration.ofSeconds(60),
                    () -> ((BulkString) client.call("INFO", "processes")).text()
                            .contains("\nrunning_commands:" + count + "\r\n"));
        }
    }

    private void signal(String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(server.pid())).start().waitFor()).isZero();
    }

    /** Something that happens while the server stands still. */
    private interface Meanwhile {
        void happens() throws Exception;
    }

    private void pause(Meanwhile meanwhile) throws Exception {
        signal("STOP");
        long start = System.nanoTime();
        meanwhile.happens();
        Files.createFile(directory.resolve("go"));
        Await.until("the scripts are over", Duration.ofSeconds(60),
                () -> HostProcesses.withVariable("MARK", mark).isEmpty());
        Await.until("all limits are over", Duration.ofSeconds(60),
                () -> System.nanoTime() - start > PAUSE.toNanos());
        signal("CONT");
    }

    private RawClient script(String... words) throws Exception {
        return connect().request(words);
    }

    @ParameterizedTest
    @CsvSource({"virtual, native", "platform, native", "virtual, jdk", "platform, jdk"})
    void whatCameDuringAPauseComesBeforeTheLimit(String threads, String engine) throws Exception {
        serve(threads, engine, "--max-commands", "3");
        String job;
        try (RawClient client = connect()) {
            job = ((BulkString) client.call("JOB", "START", "ENV", "MARK", mark, "--", "sh", "-c",
                    waiting("echo printed"))).text();
        }
        try (RawClient leaver = script("SH", "ENV", "MARK", mark, "--", waiting("echo ok"));
                RawClient timed = script("SH", "ENV", "MARK", mark, "TIMEOUT", LIMIT_MILLIS, "--",
                        waiting("echo ok; exit 3"));
                RawClient reader = connect(); RawClient waiter = connect(); RawClient slow = connect();
                RawClient idle = connect(); RawClient inLine = connect()) {
            awaitScripts(3);
            leaver.halfClose();
            inLine.request("RUN", "echo", "my turn");
            reader.request("JOB", "READ", job, "0", "BLOCK", LIMIT_MILLIS);
            waiter.request("JOB", "WAIT", job, LIMIT_MILLIS);
            assertThat(idle.call("PING")).hasToString("SimpleString[text=PONG]");
            slow.send("*1\r\n$4\r\nPI");
            pause(() -> {
                slow.send("NG\r\n");
                idle.request("PING");
            });
            assertThat(Reply.of(leaver.read()).out()).as("a client that has closed its side").isEqualTo("ok\n");
            Reply reply = Reply.of(timed.read());
            assertThat(reply.state()).as("a command that has ended").isEqualTo("exited");
            assertThat(reply.code()).isEqualTo(3);
            assertThat(reply.out()).isEqualTo("ok\n");
            assertThat(Reply.of(inLine.read()).out()).as("a command in line").isEqualTo("my turn\n");
            RespValue page = reader.read();
            assertThat(((ArrayReply) ((ArrayReply) page).values().get(3)).values())
                    .as("the output of a job: " + page).isNotEmpty();
            assertThat(((BulkString) ((ArrayReply) waiter.read()).values().getFirst()).text())
                    .as("the end of a job").isEqualTo("exited");
            assertThat(slow.read()).as("the rest of a request").hasToString("SimpleString[text=PONG]");
            assertThat(idle.read()).as("the next request").hasToString("SimpleString[text=PONG]");
        }
    }

    @ParameterizedTest
    @CsvSource({"virtual, native", "platform, jdk"})
    void aClientThatReadDuringAPauseIsNotCutOff(String threads, String engine) throws Exception {
        serve(threads, engine);
        try (RawClient client = connect()) {
            client.socket().setSoTimeout((int) Duration.ofSeconds(60).toMillis());
            InputStream input = client.socket().getInputStream();
            client.request("RUN", "MAXOUT", Integer.toString(LARGE), "head", "-c", Integer.toString(LARGE), "/dev/zero");
            ByteArrayOutputStream reply = new ByteArrayOutputStream();
            reply.writeBytes(input.readNBytes(1)); // the server has begun to write
            CompletableFuture<Long> rest = new CompletableFuture<>();
            pause(() -> Thread.ofPlatform().daemon().start(() -> {
                try {
                    rest.complete(count(input));
                } catch (Exception e) {
                    rest.completeExceptionally(e);
                }
            }));
            assertThat(rest.get(60, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(LARGE);
        }
    }

    /** Up to the last line of the reply, which is the last word about the usage. */
    private static long count(InputStream input) throws Exception {
        byte[] buffer = new byte[1 << 16];
        long total = 0;
        int count;
        while (total < LARGE && (count = input.read(buffer)) >= 0) {
            total += count;
        }
        return total;
    }

    @ParameterizedTest
    @CsvSource({"virtual, native", "platform, jdk"})
    void aDrainThatAPauseHasOverlaidIsGraceful(String threads, String engine) throws Exception {
        serve(threads, engine);
        try (RawClient client = script("SH", "ENV", "MARK", mark, "--", waiting("echo ok; exit 4"))) {
            awaitScripts(1);
            try (RawClient other = connect()) {
                signal("TERM");
                Await.until("it stops", Duration.ofSeconds(60), () -> {
                    try (RawClient late = connect()) {
                        return false;
                    } catch (ConnectException e) {
                        return true;
                    }
                });
            }
            pause(() -> { });
            Reply reply = Reply.of(client.read());
            assertThat(reply.code()).isEqualTo(4);
            assertThat(reply.out()).isEqualTo("ok\n");
            assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(built.log())).contains("stopped: GRACEFUL");
        }
    }
}
