package dev.heddle.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.command.ResourceLimits;
import dev.heddle.command.ResourceUsage;
import dev.heddle.command.Signals;
import dev.heddle.command.Stdio;
import dev.heddle.command.WorkingDirectory;
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
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    void theChildsWorldIsCleanAndItsOwn() throws Exception {
        assertThat(children.run("ls", "/proc/self/fd").out().split("\n")).as("0, 1, 2 and that of ls itself")
                .hasSize(4).startsWith("0", "1", "2");
        assertThat(children.run("sh", "-c", "readlink /proc/self/fd/0").out()).isEqualTo("/dev/null\n");
        String status = children.run("cat", "/proc/self/status").out();
        assertThat(status).containsPattern("SigBlk:\t0+\n");
        if (variant.isNative()) { // the JVM's own launcher passes ignored signals on
            assertThat(status).containsPattern("SigIgn:\t0+\n");
        }
        String[] ids = children.run("sh", "-c", "cat /proc/$$/stat").out().split(" ");
        assertThat(ids[4]).as("leads its group").isEqualTo(ids[0]);
        assertThat(ids[5]).as("leads its session").isEqualTo(ids[0]);
    }

    @Test
    void directoryAndEnvironmentAreAsGiven() throws Exception {
        WorkingDirectory place = WorkingDirectory.of(directory.toString().getBytes(StandardCharsets.UTF_8));
        ProcessSpec spec = Children.spec(Children.words("sh", "-c", "pwd; echo $A; env"), Optional.of(place),
                Children.words("A=1 = 2"));
        String out = children.run(spec).out();
        assertThat(out).startsWith(directory + "\n1 = 2\n").contains("\nA=1 = 2\n").doesNotContain("HOME=");
    }

    @Test
    void bytesThatAreNoTextPassUnchanged() throws Exception {
        assumeThat(variant.isNative()).as("the JVM's own launcher takes text").isTrue();
        byte[] odd = {(byte) 0xff, 'a', (byte) 0xc3, '\n', 1};
        Path odds = Files.createDirectory(directory.resolve("odd"));
        assertThat(children.run("sh", "-c", "mkdir " + odds + "/$(printf '\\377')").exit())
                .isEqualTo(new Exited(0));
        WorkingDirectory place = WorkingDirectory.of((odds + "/\u00ff").getBytes(StandardCharsets.ISO_8859_1));
        List<byte[]> argv = Children.words("sh", "-c", "printf %s \"$0$V\"");
        argv.add(odd);
        byte[] variable = {'V', '=', (byte) 0xfe};
        ProcessSpec spec = Children.spec(argv, Optional.of(place), List.of(variable));
        assertThat(children.run(spec).out()).isEqualTo("\u00ffa\u00c3\n\u0001\u00fe");
    }

    /** Before the program is looked for: it is not there. */
    @Test
    void terminalsAndLimitsAreRefusedAndNeverDropped() {
        ProcessSpec plain = Children.spec("no-such-program");
        ResourceLimits nice = new ResourceLimits(Map.of(), OptionalInt.of(5), OptionalInt.empty(), OptionalLong.empty(),
                OptionalDouble.empty(), OptionalInt.empty());
        assertUnsupported(Children.with(new Stdio.Terminal(80, 24), plain), "cannot give a command a terminal");
        assertUnsupported(new ProcessSpec(plain.argv(), plain.directory(), plain.environment(), plain.stdio(), nice),
                "cannot limit what a command may use");
    }

    private void assertUnsupported(ProcessSpec spec, String message) {
        assertThatThrownBy(() -> children.start(spec)).isInstanceOfSatisfying(RefusedException.class,
                e -> assertThat(e.reason()).isEqualTo(Refusal.UNSUPPORTED)).hasMessageContaining(message);
    }

    /** Its launcher would replace them: another file would be opened, another name be printed. */
    @Test
    void theJdkEngineRefusesWhatItWouldChange() throws Exception {
        assumeThat(variant.isNative()).isFalse();
        byte[] odd = {'A', '=', (byte) 0xe9};
        List<byte[]> argv = Children.words("true");
        assertThatThrownBy(() -> children.start(Children.spec(List.of(argv.getFirst(), odd), Optional.empty(),
                List.of()))).isInstanceOfSatisfying(RefusedException.class, e -> {
                    assertThat(e.reason()).isEqualTo(Refusal.BAD_ARGUMENT);
                    assertThat(e).hasMessageStartingWith("an argument has bytes that are no UTF-8 text, which");
                });
        assertThatThrownBy(() -> children.start(Children.spec(argv, Optional.empty(), List.of(odd))))
                .isInstanceOf(RefusedException.class).hasMessageStartingWith("the variable A has bytes that are no UTF-8");
        assertThatThrownBy(() -> children.start(Children.spec(argv, Optional.of(WorkingDirectory.of(odd)), List.of())))
                .isInstanceOf(RefusedException.class).hasMessageStartingWith("the directory has bytes that are no UTF-8");
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

    @ParameterizedTest
    @CsvSource({"no-such, PROGRAM_NOT_FOUND", "/no/such, PROGRAM_NOT_FOUND", "/etc/passwd, NOT_EXECUTABLE",
        "/etc/passwd/x, PROGRAM_NOT_FOUND", "'', PROGRAM_NOT_FOUND"})
    void badProgramsAreToldApart(String program, Refusal reason) {
        assertThatThrownBy(() -> children.start(program)).isInstanceOfSatisfying(RefusedException.class,
                e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello\n", "#!/no/such/interpreter\n"})
    void filesThatCannotBeExecutedAreRefused(String content) throws Exception {
        assumeThat(variant.isNative()).as("in the jdk engine setsid(1) finds out, too late").isTrue();
        Path file = Files.writeString(directory.resolve("program"), content);
        assertThat(file.toFile().setExecutable(true)).isTrue();
        assertThatThrownBy(() -> children.start(file.toString())).isInstanceOfSatisfying(RefusedException.class,
                e -> assertThat(e.reason()).isEqualTo(Refusal.NOT_EXECUTABLE));
    }

    @Test
    void aProgramThatIsJustBeingWrittenIsWaitedFor() throws Exception {
        assumeThat(variant.isNative()).isTrue();
        Path program = Files.copy(Path.of("/bin/true"), directory.resolve("program"));
        assertThat(program.toFile().setExecutable(true)).isTrue();
        Running<ExitStatus> start;
        try (var writer = Files.newOutputStream(program, StandardOpenOption.APPEND)) {
            assertThatThrownBy(() -> children.start(program.toString())).isInstanceOf(RefusedException.class)
                    .hasMessageContaining("open for writing");
            start = children.fork(() -> children.run(program.toString()).exit()).awaitWaiting();
        }
        assertThat(start.get()).isEqualTo(new Exited(0));
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
