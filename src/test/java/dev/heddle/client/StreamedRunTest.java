package dev.heddle.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.command.Outcome;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client's side of RUN STREAM, against a server that the test plays. */
@Timeout(60)
class StreamedRunTest {
    private static final RunRequest CAT = RunRequest.program(List.of("cat"));
    private static final String RUN_CAT = "RUN STREAM -- cat";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private ScriptedServer server;
    private HeddleClient client;

    @BeforeEach
    void connect() throws IOException {
        server = new ScriptedServer();
        client = server.connect();
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
    }

    private interface Call<T> {
        T run() throws Exception;
    }

    private static <T> Future<T> fork(Call<T> call) {
        FutureTask<T> task = new FutureTask<>(call::run);
        Thread.ofVirtual().start(task);
        return task;
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private StreamedRun start(int window) throws Exception {
        Future<StreamedRun> run = fork(() -> client.stream(CAT));
        server.start(RUN_CAT, window);
        return get(run);
    }

    private Future<Completion> await(StreamedRun run) {
        return fork(() -> run.await(out, err));
    }

    /** A server of upper://, for one: what it sends back may be anything, passwords included. */
    @Test
    void aForeignServersReplyIsNotRepeated() throws Exception {
        Future<StreamedRun> run = fork(() -> client.stream(CAT));
        server.expect("HELLO 3").say("%0\r\n").expect(RUN_CAT).say("*2\r\n$6\r\nSECRET\r\n$6\r\nSECRET\r\n");
        assertThatThrownBy(() -> get(run)).rootCause()
                .hasMessage("this is not the reply of a Heddle server");
    }

    @Test
    void bothStreamsAndTheEnd() throws Exception {
        StreamedRun run = start(0);
        Future<Completion> end = await(run);
        server.push("out", "cmd-1", "a").push("err", "cmd-1", "b").push("unheard-of", "cmd-1").push("out", "cmd-1", "c")
                .say(ScriptedServer.DONE);
        assertThat(get(end).outcome()).isEqualTo(new Outcome.Exited(0));
        assertThat(get(end).usage().resources().userTime()).isEmpty();
        assertThat(out.toString() + err).isEqualTo("acb");
        assertThat(run.id()).isEqualTo("cmd-1");
        assertThatThrownBy(() -> get(run.signal("INT"))).hasRootCauseMessage("the command has ended");
        assertThatThrownBy(() -> run.stdin().write(1)).hasMessage("the command takes no input any more");
    }

    @Test
    void sendsNoMoreInputThanTheServerGivesCreditFor() throws Exception {
        StreamedRun run = start(3);
        run.feed(new ByteArrayInputStream("abcdefgh".getBytes()));
        Future<Completion> end = await(run);
        server.expect("STDIN abc");
        assertThat(server.isSilent(Duration.ofMillis(100))).isTrue();
        server.push("window", "cmd-1", "1").push("window", "cmd-1", "1");
        String both = server.request().replace("STDIN ", "");
        both += both.length() == 2 ? "" : server.request().replace("STDIN ", "");
        assertThat(both).isEqualTo("de");
        server.push("window", "cmd-1", "100").expect("STDIN fgh").expect("EOF").say(ScriptedServer.DONE);
        get(end);
    }

    @Test
    void aWriterIsFreedWhenTheCommandEnds() throws Exception {
        StreamedRun run = start(1);
        Future<?> writing = fork(() -> {
            run.stdin().write("ab".getBytes());
            return null;
        });
        server.expect("STDIN a");
        Future<Completion> end = await(run);
        server.say(ScriptedServer.DONE);
        get(end);
        assertThatThrownBy(() -> get(writing)).isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("the command takes no input any more");
    }

    @Test
    void signalsAreAnswered() throws Exception {
        StreamedRun run = start(0);
        Future<Completion> end = await(run);
        Future<Void> first = run.signal("INT");
        Future<Void> second = run.signal("BOGUS");
        Future<Void> third = run.signal("KILL");
        server.expect("SIGNAL INT").push("signaled", "cmd-1", "INT").expect("SIGNAL BOGUS")
                .push("error", "cmd-1", "ERR no such signal").expect("SIGNAL KILL").say(ScriptedServer.DONE);
        get(first);
        assertThatThrownBy(() -> get(second)).cause().isInstanceOfSatisfying(ErrorReplyException.class,
                e -> assertThat(e.code()).isEqualTo("ERR"));
        get(end);
        assertThatThrownBy(() -> get(third)).hasRootCauseMessage("the command has ended");
    }

    @Test
    void aSilentServerIsAskedAndASilentCommandIsNoTrouble() throws Exception {
        client.readTimeout(Duration.ofMillis(50));
        StreamedRun run = start(0);
        Future<Completion> end = await(run);
        server.expect("PING").push("pong").expect("PING").push("out", "cmd-1", "x").expect("PING");
        assertThatThrownBy(() -> get(end)).hasCauseInstanceOf(SocketTimeoutException.class);
        assertThat(out).hasToString("x");
    }

    @Test
    void lateAnswersAreNotTakenForReplies() throws Exception {
        client.readTimeout(Duration.ofMillis(50));
        StreamedRun run = start(10);
        Future<Completion> end = await(run);
        server.expect("PING");
        server.say(ScriptedServer.DONE).say("+PONG\r\n"); // it came when the command had just ended
        get(end);
        client.readTimeout(Duration.ofSeconds(20));
        server.push("ignored", "SIGNAL");
        Future<StreamedRun> next = fork(() -> client.stream(CAT));
        server.expect(RUN_CAT).push("ignored", "EOF").push("started", "cmd-2", "0");
        Future<Completion> nextEnd = await(get(next));
        server.say(ScriptedServer.DONE);
        get(nextEnd);
        server.push("ignored", "STDIN");
        Future<List<JobInfo>> jobs = fork(client::jobs);
        server.expect("JOB LIST").say("*0\r\n");
        assertThat(get(jobs)).isEmpty();
    }

    @Test
    void aRefusedStartLeavesTheConnectionUsable() throws Exception {
        Future<StreamedRun> run = fork(() -> client.stream(CAT));
        server.expect("HELLO 3").say("%0\r\n").expect(RUN_CAT).say("-BUSY too much\r\n");
        assertThatThrownBy(() -> get(run)).cause().isInstanceOfSatisfying(ErrorReplyException.class,
                e -> assertThat(e.code()).isEqualTo("BUSY"));
        Future<List<JobInfo>> jobs = fork(client::jobs);
        server.expect("JOB LIST").say("*0\r\n");
        assertThat(get(jobs)).isEmpty();
    }

    @Test
    void noOtherCallMeanwhile() throws Exception {
        start(0);
        assertThatThrownBy(client::jobs).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> client.stream(CAT.withId("x"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aBrokenOutputBreaksTheConnection() throws Exception {
        StreamedRun run = start(0);
        Future<Completion> end = fork(() -> run.await(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("disk full");
            }
        }, err));
        server.push("out", "cmd-1", "a");
        assertThatThrownBy(() -> get(end)).hasRootCauseMessage("disk full");
        assertThatThrownBy(server::request).as("a reset, which kills at once").isInstanceOf(SocketException.class);
    }

    @Test
    void aBrokenInputBreaksTheConnection() throws Exception {
        StreamedRun run = start(10);
        Future<Completion> end = await(run);
        run.feed(new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("Is a directory");
            }
        });
        assertThatThrownBy(() -> get(end)).hasRootCauseMessage("Is a directory");
        assertThatThrownBy(server::request).isInstanceOf(SocketException.class);
    }

    @Test
    void closingFromAnotherThreadEndsIt() throws Exception {
        StreamedRun run = start(0);
        Future<Completion> end = await(run);
        server.push("out", "cmd-1", "a");
        client.close();
        assertThatThrownBy(() -> get(end)).hasCauseInstanceOf(IOException.class);
        assertThatThrownBy(server::request).as("a reset").isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> get(run.signal("INT"))).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void anIdleClientLeavesWithoutAReset() throws Exception {
        client.close();
        assertThatThrownBy(server::request).isInstanceOf(EOFException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void interruptingEndsIt(boolean virtual) throws Exception {
        StreamedRun run = start(0);
        FutureTask<Boolean> task = new FutureTask<>(() -> {
            assertThatThrownBy(() -> run.await(out, err)).isInstanceOf(IOException.class);
            return Thread.currentThread().isInterrupted();
        });
        Thread thread = (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(task);
        thread.interrupt();
        assertThat(get(task)).as("the interrupt status").isTrue();
        assertThatThrownBy(server::request).isInstanceOf(IOException.class);
    }

    @Test
    void readsTimeOut() throws Exception {
        client.readTimeout(Duration.ofMillis(50));
        assertThatThrownBy(client::jobs).isInstanceOf(SocketTimeoutException.class);
        assertThatThrownBy(client::jobs).as("closed, because the late reply would be taken for the next one's")
                .isInstanceOf(IOException.class);
    }

    @Test
    void theTimeThatTheServerWasGivenIsAddedToTheTimeout() throws Exception {
        client.readTimeout(Duration.ofMillis(50));
        Future<RunResult> run = fork(() -> client.run(CAT.withTimeout(Duration.ofSeconds(20)).withId("t")));
        server.expect("RUN ID t TIMEOUT 20000 -- cat");
        assertThat(server.isSilent(Duration.ofMillis(200))).isTrue();
        server.say(ScriptedServer.DONE);
        assertThat(get(run).outcome()).isEqualTo(new Outcome.Exited(0));
    }
}
