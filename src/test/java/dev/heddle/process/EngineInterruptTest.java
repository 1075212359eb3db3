package dev.heddle.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.command.Signals;
import dev.heddle.command.Stdio;
import dev.heddle.testing.Await;
import dev.heddle.testing.Children;
import dev.heddle.testing.Children.Running;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.Variant;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Interrupts, closes and kills at any moment: they work at once, and leave nothing behind. */
@ParameterizedClass
@EnumSource(Variant.class)
class EngineInterruptTest {
    private static final Duration CHAOS = Duration.ofSeconds(2);
    /** Some buffers more or less are kept for good; about a thousand children would leave more. */
    private static final long FEW_BYTES = 1 << 20;

    @Parameter
    private Variant variant;

    private final String mark = UUID.randomUUID().toString();
    private Children children;

    @BeforeEach
    void setUp() {
        children = new Children(variant);
    }

    @Test
    void anInterruptedReadEndsAndThePipeGoesOn() throws Exception {
        try (ChildProcess child = children.start(Children.withStdin("cat"))) {
            Running<byte[]> reader = children.fork(() -> Children.drain(child.stdout())).awaitWaiting();
            reader.thread().interrupt();
            assertThatThrownBy(reader::get).hasCauseInstanceOf(InterruptedException.class);
            Running<byte[]> second = children.fork(() -> Children.drain(child.stdout())).awaitWaiting();
            child.stdin().write(new byte[] {'o', 'n'}, 0, 2);
            child.stdin().close();
            assertThat(second.get()).isEqualTo("on".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void anInterruptedWriteEnds() throws Exception {
        try (ChildProcess child = children.start(Children.withStdin("sleep", "60"))) {
            Running<Void> writer = children.<Void>fork(() -> {
                child.stdin().write(new byte[1 << 20], 0, 1 << 20);
                return null;
            }).awaitWaiting();
            writer.thread().interrupt();
            assertThatThrownBy(writer::get).hasCauseInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void aCloseKillsBeforeStdinEnds(@TempDir Path directory) throws Exception {
        for (int i = 0; i < 200; i++) {
            ChildProcess child = children.start(Children.withStdin("sh", "-c", "echo; read -r x; : > \"$0\"",
                    directory.resolve("done-" + i).toString()));
            assertThat(child.stdout().drainTo(bytes -> bytes.position(bytes.limit()))).isTrue(); // it is about to read
            child.close();
        }
        Await.until("all have ended", () -> HostProcesses.children() == 0);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aCloseEndsABlockedRead() throws Exception {
        try (ChildProcess child = children.start("sleep", "60")) {
            Running<byte[]> out = children.fork(() -> Children.drain(child.stdout())).awaitWaiting();
            Running<byte[]> err = children.fork(() -> Children.drain(child.stderr())).awaitWaiting();
            child.closePipes();
            assertThat(out.get()).isEmpty();
            assertThat(err.get()).isEmpty();
            assertThat(Children.drain(child.stdout())).as("and every later one").isEmpty();
        }
    }

    @Test
    void anInterruptedStartLeavesNothing() throws Exception {
        Random random = new Random(3);
        for (int i = 0; i < 100; i++) {
            Running<Boolean> start = children.fork(() -> {
                try (ChildProcess child = children.start(Children.marked(mark, "sleep", "60"))) {
                    return child.pid() > 0;
                } catch (InterruptedException e) {
                    return false;
                }
            });
            long until = System.nanoTime() + random.nextInt(1_500_000);
            Await.until("the moment has come", () -> System.nanoTime() >= until);
            start.thread().interrupt();
            start.get();
        }
        Await.until("all are gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
        Await.until("and reaped", () -> HostProcesses.children() == 0);
    }

    @Test
    void afterChaosEverythingIsBack() throws Exception {
        children.run("true");
        Await.until("idle", () -> HostProcesses.children() == 0);
        long descriptors = HostProcesses.descriptors();
        long threads = HostProcesses.threads();
        Random random = new Random(11);
        chaos(random); // every buffer that is kept for good is there then
        long nativeBytes = HostProcesses.nativeBytes();
        chaos(random);
        Await.until("no process is left", () -> HostProcesses.withVariable("MARK", mark).isEmpty()
                && HostProcesses.children() == 0);
        Await.until("descriptors are back", () -> HostProcesses.descriptors() <= descriptors);
        Await.until("threads are back", Duration.ofSeconds(20), () -> HostProcesses.threads() <= threads + 2);
        assertThat(HostProcesses.nativeBytes() - nativeBytes).as("native bytes").isLessThan(FEW_BYTES);
    }

    private void chaos(Random random) throws Exception {
        List<Running<Void>> workers = new ArrayList<>();
        long end = System.nanoTime() + CHAOS.toNanos();
        for (int i = 0; i < 24; i++) {
            long seed = random.nextLong();
            workers.add(children.fork(() -> {
                for (Random own = new Random(seed); System.nanoTime() < end; ) {
                    live(own);
                }
                return null;
            }));
        }
        for (Running<Void> worker : workers) {
            worker.get();
        }
    }

    /** One child, and a random end for it. */
    private void live(Random random) throws Exception {
        String script = switch (random.nextInt(5)) {
            case 0 -> "exit 3";
            case 1 -> "yes";
            case 2 -> "sleep 60 & sleep 60";
            case 3 -> "trap '' TERM; cat; sleep 60";
            default -> "echo out; echo err >&2; sleep 0.0" + random.nextInt(10);
        };
        ProcessSpec spec = Children.marked(mark, "sh", "-c", script);
        ProcessSpec withStdin = Children.with(new Stdio.Pipes(random.nextBoolean(), false), spec);
        try (ChildProcess child = children.start(withStdin)) {
            Running<byte[]> out = children.fork(() -> Children.drain(child.stdout()));
            Running<byte[]> err = children.fork(() -> Children.drain(child.stderr()));
            long until = System.nanoTime() + random.nextInt(20_000_000);
            Await.until("a random moment", () -> System.nanoTime() >= until);
            switch (random.nextInt(6)) {
                case 0 -> out.thread().interrupt();
                case 1 -> child.signal(Signals.KILL);
                case 2 -> child.signal(Signals.TERM);
                case 3 -> child.closePipes();
                case 4 -> children.fork(() -> {
                    child.close();
                    return null;
                });
                default -> child.hasSurvivors();
            }
            child.signal(Signals.KILL);
            Children.exit(child);
            child.closePipes();
            ended(out);
            ended(err);
        }
    }

    private static void ended(Running<byte[]> reader) throws Exception {
        try {
            reader.get();
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(InterruptedException.class);
        }
    }
}
