package dev.heddle.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.command.ResourceUsage;
import dev.heddle.command.Signals;
import dev.heddle.command.Stdio;
import dev.heddle.process.ExitStatus.Exited;
import dev.heddle.process.ExitStatus.Signaled;
import dev.heddle.testing.Await;
import dev.heddle.testing.Children;
import dev.heddle.testing.Children.Result;
import dev.heddle.testing.Children.Running;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What every engine does with real programs, whatever the kind of the threads that use it. */
@ParameterizedClass
@EnumSource(Variant.class)
class EngineBehaviourTest {
    @Parameter
    private Variant variant;

    @TempDir
    private Path directory;

    private final String mark = UUID.randomUUID().toString();
    private Children children;

    @BeforeEach
    void setUp() {
        children = new Children(variant);
    }

    @AfterEach
    void noChildIsLeft() throws Exception {
        Await.until("no child is left, zombies included", () -> HostProcesses.children() == 0);
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
    }

    @Test
    void exitsThatAreFasterThanTheirStartAreSeen() throws Exception {
        for (int i = 0; i < 250; i++) {
            assertThat(children.run("printf", "%s", "run " + i)).isEqualTo(
                    new Result("run " + i, "", new Exited(0)));
        }
    }

    @Test
    void everyExitCodeArrives() throws Exception {
        for (int code = 0; code < 256; code++) {
            // The JDK adds 128 to the number of a signal, so that its engine cannot tell them apart.
            boolean ambiguous = !variant.isNative() && code > 128 && code <= 192;
            assertThat(children.run("sh", "-c", "exit " + code).exit())
                    .isEqualTo(ambiguous ? new Signaled(code - 128) : new Exited(code));
        }
    }

    @Test
    void everyDeadlySignalIsTheOutcome() throws Exception {
        // What this process was started to ignore (by nohup: HUP), the JDK lets its children ignore as well.
        long ignored = variant.isNative() ? 0 : ignoredSignals();
        for (int signal = 1; signal <= 64; signal++) {
            // Harmless by default: CHLD, CONT, URG, WINCH; stopping: STOP, TSTP, TTIN, TTOU; libc's: 32, 33
            if (!List.of(17, 18, 23, 28, 19, 20, 21, 22, 32, 33).contains(signal)
                    && (ignored >>> signal - 1 & 1) == 0) {
                assertThat(children.run("sh", "-c", "ulimit -c 0; kill -" + signal + " $$").exit())
                        .isEqualTo(new Signaled(signal));
            }
        }
    }

    /** Bit n - 1 is signal n. */
    private static long ignoredSignals() throws IOException {
        String status = Files.readString(Path.of("/proc/self/status"));
        return Long.parseUnsignedLong(status.replaceAll("(?s).*SigIgn:\\s+([0-9a-f]+).*", "$1"), 16);
    }

    @Test
    void outputOfOneStreamGoesOnAfterTheEndOfTheOther() throws Exception {
        assertThat(children.run("sh", "-c", "echo 1; exec >&-; sleep 0.1; echo 2 >&2; exit 3"))
                .isEqualTo(new Result("1\n", "2\n", new Exited(3)));
        assertThat(children.run("sh", "-c", "exec >&- 2>&-; sleep 0.1; exit 4"))
                .isEqualTo(new Result("", "", new Exited(4)));
    }

    @Test
    void mergedStreamsShareOnePipe() throws Exception {
        ProcessSpec spec = Children.spec("sh", "-c", "echo 1; echo 2 >&2; echo 3");
        assertThat(children.run(Children.with(new Stdio.Pipes(false, true), spec)))
                .isEqualTo(new Result("1\n2\n3\n", "", new Exited(0)));
    }

    @Test
    void stdinThatTheChildNeverReadsBlocksUntilThePipesAreClosed() throws Exception {
        try (ChildProcess child = children.start(Children.withStdin("sleep", "60"))) {
            Running<Void> writer = children.<Void>fork(() -> {
                child.stdin().write(new byte[1 << 20], 0, 1 << 20);
                return null;
            }).awaitWaiting();
            child.closePipes();
            assertThatThrownBy(writer::get).hasCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void aChildThatClosesItsStdinEndsTheWriteAndNothingElse() throws Exception {
        String script = "exec <&-; echo on; sleep 0.2; exit 5";
        try (ChildProcess child = children.start(Children.withStdin("sh", "-c", script))) {
            assertThatThrownBy(() -> {
                while (true) {
                    child.stdin().write(new byte[100_000], 0, 100_000);
                }
            }).isInstanceOf(IOException.class);
            assertThat(Children.drain(child.stdout())).isEqualTo("on\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(Children.exit(child)).isEqualTo(new Exited(5));
        }
    }

    @Test
    void theEndOfStdinFollowsWhatWasWritten() throws Exception {
        byte[] bytes = new byte[300_000];
        bytes[299_999] = 1;
        try (ChildProcess child = children.start(Children.withStdin("cat"))) {
            Running<byte[]> reader = children.fork(() -> Children.drain(child.stdout()));
            child.stdin().write(bytes, 0, bytes.length);
            child.stdin().close();
            assertThat(reader.get()).isEqualTo(bytes);
            assertThat(Children.exit(child)).isEqualTo(new Exited(0));
        }
    }

    @Test
    void aDescendantThatHoldsThePipesDelaysNeitherExitNorClose() throws Exception {
        long start = System.nanoTime();
        String script = "sleep 60 & echo hi; exit 2";
        try (ChildProcess child = children.start(Children.marked(mark, "sh", "-c", script))) {
            Running<byte[]> reader = children.fork(() -> Children.drain(child.stdout()));
            assertThat(Children.exit(child)).isEqualTo(new Exited(2));
            assertThat(child.hasSurvivors()).isTrue();
            child.signal(Signals.TERM);
            Await.until("the group is empty", () -> !child.hasSurvivors());
            assertThat(reader.get()).isEqualTo("hi\n".getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void survivorsAreSeenByTheirLifeAndKilledByClose() throws Exception {
        try (ChildProcess child = children.start("true")) {
            Children.exit(child);
            assertThat(child.hasSurvivors()).isFalse();
        }
        for (String background : List.of("sleep 60", "nice -n 19 sleep 60")) {
            try (ChildProcess child = children.start(
                    Children.marked(mark, "sh", "-c", background + " >/dev/null 2>&1 & exit 0"))) {
                assertThat(Children.exit(child)).isEqualTo(new Exited(0));
                Children.drain(child.stdout());
            }
            Await.until("killed", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
        }
    }

    @Test
    void aDaemonHoldsNothingUp() throws Exception {
        try (ChildProcess child = children.start("sh", "-c", "setsid sleep 2 & echo hi")) {
            assertThat(child.stdout().drainTo(bytes -> assertThat(bytes.remaining()).isEqualTo(3)))
                    .isTrue();
            Running<byte[]> reader = children.fork(() -> Children.drain(child.stdout()));
            assertThat(Children.exit(child)).isEqualTo(new Exited(0));
            if (variant.isNative()) { // the JDK may close a pipe as soon as the leader has ended
                reader.awaitWaiting();
            }
            child.closePipes();
            assertThat(reader.get()).isEmpty();
        }
    }

    @Test
    void cpuTimesAreThoseOfTheTree() throws Exception {
        String script = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";
        try (ChildProcess child = children.start("sh", "-c", script)) {
            Children.exit(child);
            if (variant.isNative()) {
                assertThat(child.usage().userTime().orElseThrow()).isGreaterThan(Duration.ofMillis(5));
                assertThat(child.usage().systemTime()).isPresent();
            } else {
                assertThat(child.usage()).isEqualTo(ResourceUsage.UNKNOWN);
            }
        }
    }

    @Test
    void manyAtOnce() throws Exception {
        int count = variant.isNative() ? 2_000 : 100;
        List<Running<Result>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String text = "number " + i;
            all.add(children.fork(() -> children.run("sh", "-c", "sleep 1; echo " + text)));
        }
        for (int i = 0; i < count; i++) {
            assertThat(all.get(i).get()).isEqualTo(new Result("number " + i + "\n", "", new Exited(0)));
        }
    }
}
