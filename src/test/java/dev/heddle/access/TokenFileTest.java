package dev.heddle.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenFileTest {
    @TempDir
    private Path home;

    private Path file() {
        return TokenFile.standard(Map.of("HOME", home.toString())).orElseThrow();
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void theFirstStartMakesItForItsOwnerAlone() throws IOException {
        String token = TokenFile.readOrCreate(file());
        assertThat(token).matches("[A-Za-z0-9_][A-Za-z0-9_-]{42}");
        assertThat(file()).isEqualTo(home.resolve(".config/heddle/token"));
        assertThat(mode(file())).isEqualTo("rw-------");
        assertThat(mode(file().getParent())).isEqualTo("rwx------");
        assertThat(TokenFile.readOrCreate(file())).as("the next start").isEqualTo(token);
        assertThat(TokenFile.read(file())).isEqualTo(token);
        try (var files = Files.list(file().getParent())) {
            assertThat(files).as("no drafts left").hasSize(1);
        }
    }

    @Test
    void allThatStartAtOnceGetTheSame() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<String>> starts = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                starts.add(() -> TokenFile.readOrCreate(file()));
            }
            Set<String> tokens = new HashSet<>();
            for (Future<String> start : threads.invokeAll(starts)) {
                tokens.add(start.get());
            }
            assertThat(tokens).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-rw-rw-", "rwx--x---"})
    void aFileThatIsOpenToOthersIsRefusedWithTheCure(String mode) throws IOException {
        TokenFile.readOrCreate(file());
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString(mode));
        assertThatThrownBy(() -> TokenFile.readOrCreate(file())).isInstanceOf(UnsafeFileException.class)
                .hasMessageEndingWith("chmod 600 " + file());
        assertThatThrownBy(() -> TokenFile.read(file())).isInstanceOf(UnsafeFileException.class);
    }

    @Test
    void aFolderThatOthersCanWriteToIsRefused() throws IOException {
        Path folder = Files.createDirectories(file().getParent());
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxr-x"));
        assertThatThrownBy(() -> TokenFile.readOrCreate(file())).isInstanceOf(UnsafeFileException.class)
                .hasMessageEndingWith("chmod go-w " + folder);
    }

    /** The owner of the folder shows a good file for the check, and one of his own for the rest. */
    @Test
    void noOtherFileIsReadThanTheOneThatWasLookedAt() throws Exception {
        Path good = home.resolve("good");
        Path evil = home.resolve("evil");
        TokenFile.create(good, "good");
        TokenFile.create(evil, "evil");
        Files.setPosixFilePermissions(evil, PosixFilePermissions.fromString("rw-rw-rw-"));
        Path name = home.resolve("name");
        Files.createSymbolicLink(name, good);
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> swapping = CompletableFuture.runAsync(() -> swapUntil(done, name, good, evil));
        long deadline = System.nanoTime() + Duration.ofSeconds(3).toNanos();
        int read = 0;
        int refused = 0;
        while (System.nanoTime() < deadline || read == 0 || refused == 0) {
            try {
                assertThat(TokenFile.read(name)).isEqualTo("good");
                read++;
            } catch (UnsafeFileException e) {
                refused++;
            }
        }
        done.set(true);
        swapping.get();
    }

    private static void swapUntil(AtomicBoolean done, Path name, Path good, Path evil) {
        Path next = name.resolveSibling("next");
        try {
            for (boolean toEvil = true; !done.get(); toEvil = !toEvil) {
                Files.createSymbolicLink(next, toEvil ? evil : good);
                Files.move(next, name, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // no interrupt ends the opening of a pipe
    void aPipeIsRefusedAndNotWaitedFor() throws Exception {
        Path pipe = home.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", "-m", "600", pipe.toString()).start().waitFor()).isZero();
        assertThatThrownBy(() -> TokenFile.read(pipe)).hasMessage(pipe + ": it is not a regular file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "one\ntwo\n"})
    void whatIsNoTokenIsNotTakenForOne(String text) throws IOException {
        TokenFile.readOrCreate(file());
        Files.writeString(file(), text);
        assertThatThrownBy(() -> TokenFile.read(file())).hasMessageContaining("holds no token");
    }

    @Test
    void nothingIsOverwritten() throws IOException {
        Path file = home.resolve("new");
        TokenFile.create(file, "a");
        assertThatThrownBy(() -> TokenFile.create(file, "b")).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(TokenFile.read(file)).isEqualTo("a");
        assertThat(mode(file)).isEqualTo("rw-------");
    }

    @Test
    void theConfigurationFolderIsWhereTheSpecificationSays() {
        assertThat(TokenFile.standard(Map.of("XDG_CONFIG_HOME", "/x", "HOME", "/h")))
                .contains(Path.of("/x/heddle/token"));
        assertThat(TokenFile.standard(Map.of("XDG_CONFIG_HOME", "x", "HOME", "/h")))
                .as("relative: to be ignored").contains(Path.of("/h/.config/heddle/token"));
        assertThat(TokenFile.standard(Map.of("XDG_CONFIG_HOME", "", "HOME", "")).isEmpty()).isTrue();
    }

    @Test
    void tokensAreNotAlikeAndTheirHashIsThatOfSha256sum() {
        assertThat(TokenHash.newToken()).isNotEqualTo(TokenHash.newToken());
        assertThat(TokenHash.of("secret"))
                .hasToString("2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b")
                .isEqualTo(TokenHash.parse("2BB80D537B1DA3E38BD30361AA855686BDE0EACD7162FEF6A25FE97BF527A25B"));
        assertThat(ShellWord.quote("/a b/it's")).isEqualTo("'/a b/it'\\''s'");
    }
}
