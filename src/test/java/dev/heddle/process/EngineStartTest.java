package dev.heddle.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.command.ResourceLimits;
import dev.heddle.command.Stdio;
import dev.heddle.command.WorkingDirectory;
import dev.heddle.process.ExitStatus.Exited;
import dev.heddle.testing.Await;
import dev.heddle.testing.Children;
import dev.heddle.testing.Children.Running;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.Variant;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

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

/** How every engine finds and starts programs, what it hands to them, and what it refuses. */
@ParameterizedClass
@EnumSource(Variant.class)
class EngineStartTest {
    @Parameter
    private Variant variant;

    @TempDir
    private Path directory;

    private Children children;

    @BeforeEach
    void setUp() {
        children = new Children(variant);
    }

    @AfterEach
    void noChildIsLeft() throws Exception {
        Await.until("no child is left, zombies included", () -> HostProcesses.children() == 0);
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

    @Test
    void programsAreFoundFromTheirDirectoryWhateverTheirNames() throws Exception {
        Path program = Files.createDirectory(directory.resolve("-bin")).resolve("hi");
        Files.writeString(program, "#!/bin/sh\necho hi $1\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        Optional<WorkingDirectory> place =
                Optional.of(WorkingDirectory.of(directory.toString().getBytes(StandardCharsets.UTF_8)));
        for (String name : List.of("hi", "-bin/hi", "./-bin/hi")) {
            assertThat(children.run(Children.spec(Children.words(name, "-x"), place,
                    Children.words("PATH=none:-bin:/usr/bin:/bin"))).out()).isEqualTo("hi -x\n");
        }
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
}
