package dev.heddle.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.OwnFile;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is said of an open file is said of the file that is read. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // no interrupt ends the opening of a pipe
class OpenFileTest {
    private static final int MAX = 1 << 20;
    private static final Duration BOUND = Duration.ofSeconds(3);

    @TempDir
    private Path folder;

    private Path write(String name, String text, String mode) throws IOException {
        return Files.setPosixFilePermissions(OwnFile.write(folder.resolve(name), text),
                PosixFilePermissions.fromString(mode));
    }

    @Test
    void aNameWithoutAFolderIsOneInTheWorkingDirectory() throws Exception {
        try (OpenFile file = OpenFile.open(Path.of("pom.xml"))) {
            assertThat(file.read(1 << 20)).isNotEmpty();
        }
    }

    @Test
    void aFileIsReadWholeAndNotBeyondItsBound() throws IOException {
        Path file = write("file", "x".repeat(100_000), "rw-r-----");
        Files.createSymbolicLink(folder.resolve("link"), file);
        for (String name : new String[] {"file", "link"}) {
            try (OpenFile open = OpenFile.open(folder.resolve(name))) {
                assertThat(open.read(100_000)).hasSize(100_000).containsOnly('x');
                assertThat(open.read(100_000)).as("again").hasSize(100_000);
                assertThatThrownBy(() -> open.read(99_999)).hasMessageEndingWith(": it is larger than 99999 bytes");
                assertThat(open.mode() & 0777).isEqualTo(0640);
                assertThat(open.owner()).isEqualTo(Files.getAttribute(file, "unix:uid"));
            }
        }
        try (OpenFile empty = OpenFile.open(write("empty", "", "rw-------"))) {
            assertThat(empty.read(0)).isEmpty();
        }
        try (OpenFile made = OpenFile.open(Path.of("/proc/self/status"))) {
            assertThat(made.read(MAX)).as("a file without a size").isNotEmpty();
        }
    }

    @Test
    void theDescriptorsNameStaysWithTheFile() throws IOException {
        Path file = write("file", "old", "rw-------");
        try (OpenFile open = OpenFile.open(file)) {
            Files.move(write("other", "new", "rw-rw-rw-"), file, StandardCopyOption.REPLACE_EXISTING);
            assertThat(open.read(MAX)).asString().isEqualTo("old");
            assertThat(open.mode() & 0777).isEqualTo(0600);
        }
    }

    @Test
    void whatIsNoRegularFileIsRefusedAtOnce() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        for (Path path : new Path[] {pipe, folder, Path.of("/dev/zero"), Path.of("/dev/null")}) {
            assertThatThrownBy(() -> OpenFile.open(path)).isInstanceOf(FileSystemException.class)
                    .hasMessageEndingWith(": it is not a regular file");
        }
        assertThatThrownBy(() -> OpenFile.open(folder.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }

    /** The owner of a folder exchanges names in it. Whatever is opened, text and mode belong together. */
    @Test
    void aSwapOfNamesDeceivesNobody() throws Exception {
        long descriptors = HostProcesses.descriptors();
        Path safe = write("safe", "safe", "rw-------");
        Path evil = write("evil", "evil", "rw-rw-rw-");
        Path name = folder.resolve("name");
        Path next = folder.resolve("next");
        Files.createSymbolicLink(name, safe);
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> swapping = CompletableFuture.runAsync(() -> {
            try {
                for (boolean toEvil = true; !done.get(); toEvil = !toEvil) {
                    Files.createSymbolicLink(next, toEvil ? evil : safe);
                    Files.move(next, name, StandardCopyOption.ATOMIC_MOVE);
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        int safes = 0;
        int evils = 0;
        long deadline = System.nanoTime() + BOUND.toNanos();
        while (System.nanoTime() < deadline || safes == 0 || evils == 0) {
            try (OpenFile open = OpenFile.open(name)) {
                boolean saysSafe = (open.mode() & 0777) == 0600;
                assertThat(open.read(MAX)).asString().isEqualTo(saysSafe ? "safe" : "evil");
                safes += saysSafe ? 1 : 0;
                evils += saysSafe ? 0 : 1;
            }
        }
        done.set(true);
        swapping.get();
        assertThat(HostProcesses.descriptors()).isLessThanOrEqualTo(descriptors);
    }
}
