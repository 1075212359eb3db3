package dev.heddle.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.command.WorkingDirectory;
import dev.heddle.process.ExitStatus.Exited;
import dev.heddle.testing.Children;
import dev.heddle.testing.Children.Result;
import dev.heddle.testing.Variant;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where programs start, and where they do not. */
@ParameterizedClass
@EnumSource(Variant.class)
class WorkingDirectoryTest {
    @Parameter
    private Variant variant;

    @TempDir
    private Path root;

    private Children children;

    @BeforeEach
    void make() throws Exception {
        children = new Children(variant);
        root = root.toRealPath();
        Files.createDirectories(root.resolve("a/b c/deep"));
        Files.createDirectories(root.resolve("other/deep"));
        Files.createSymbolicLink(root.resolve("link"), root.resolve("a"));
        Files.createSymbolicLink(root.resolve("a/out"), root.resolve("other"));
        Files.createFile(root.resolve("file"));
        Files.setPosixFilePermissions(Files.writeString(root.resolve("a/program"), "#!/bin/sh\npwd -P\n"),
                PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private ProcessSpec spec(String directory, boolean linkFree, String... argv) {
        return Children.spec(Children.words(argv),
                Optional.of(new WorkingDirectory(directory.getBytes(StandardCharsets.UTF_8), linkFree)),
                Children.words("PATH=/usr/bin:/bin", "A=1"));
    }

    private Result pwd(String directory, boolean linkFree) throws Exception {
        return children.run(spec(directory, linkFree, "/bin/pwd", "-P"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void programsStartThere(boolean linkFree) throws Exception {
        for (String name : new String[] {"", "/a", "/a/b c", "/a/b c/deep", "/a/b c/deep/"}) {
            String path = root + name;
            assertThat(pwd(path, linkFree)).isEqualTo(new Result(path.replaceAll("/$", "") + "\n", "", new Exited(0)));
        }
        assertThat(pwd("/", linkFree).out()).isEqualTo("/\n");
        assertThat(children.run(spec(root + "/a", linkFree, "./program")).out()).isEqualTo(root + "/a\n");
        assertThat(children.run(spec(root + "/a", linkFree, "/usr/bin/env")).out().lines())
                .as("and nothing else changes").containsExactlyInAnyOrder("PATH=/usr/bin:/bin", "A=1");
        assertThat(children.run(spec(root + "/a", linkFree, "ls", "/proc/self/fd")).out().split("\n"))
                .as("0, 1, 2 and that of ls itself").hasSize(4);
    }

    @Test
    void linksAreFollowedUnlessThePathIsToHaveNone() throws Exception {
        for (String name : new String[] {"/link", "/link/b c", "/a/out", "/a/out/deep", "/link/out/deep"}) {
            String path = root + name;
            assertThat(pwd(path, false).out()).isEqualTo(Path.of(path).toRealPath() + "\n");
            if (variant.isNative()) {
                assertThatThrownBy(() -> pwd(path, true)).isInstanceOfSatisfying(RefusedException.class,
                        e -> assertThat(e.reason()).isEqualTo(Refusal.BAD_DIRECTORY));
            } else { // the child itself looks, where it is
                assertThat(pwd(path, true)).isEqualTo(new Result("",
                        "heddle: directory '" + path + "' has been replaced\n", new Exited(126)));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"/none, not found", "/none/x, not found", "/file, is not a directory"})
    void whatCannotBeEnteredIsToldApart(String name, String complaint) {
        for (boolean linkFree : new boolean[] {true, false}) {
            assertThatThrownBy(() -> pwd(root + name, linkFree)).isInstanceOfSatisfying(RefusedException.class,
                    e -> assertThat(e.reason()).isEqualTo(Refusal.BAD_DIRECTORY)).hasMessageContaining(complaint);
        }
    }
}
