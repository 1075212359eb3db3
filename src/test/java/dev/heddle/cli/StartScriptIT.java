package dev.heddle.cli;

import static dev.heddle.cli.BuiltHeddle.HEDDLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heddle.cli.BuiltHeddle.Finished;
import dev.heddle.cli.local.ExitCodes;
import dev.heddle.testing.Await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands before the first class is loaded: the script, the JVM and its archive. */
class StartScriptIT {
    private static final byte[] NOTHING = {};
    private static final String TRACE = "-Xlog:class+load:stdout";
    private static final Duration MAKING = Duration.ofMinutes(3);

    @TempDir
    private static Path made; // holds a cache with an archive, which the tests copy

    @TempDir
    private Path directory;

    private BuiltHeddle built;

    @BeforeAll
    static void makeAnArchive() throws Exception {
        BuiltHeddle first = new BuiltHeddle(made);
        assertThat(first.run(cache(made), NOTHING, HEDDLE, "--version").code()).isZero();
        awaitArchive(made.resolve("heddle"));
        first.close();
    }

    @BeforeEach
    void prepare() {
        built = new BuiltHeddle(directory);
    }

    @AfterEach
    void endAll() throws InterruptedException {
        built.close();
    }

    private static Map<String, String> cache(Path cache) {
        return Map.of("XDG_CACHE_HOME", cache.toString());
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    /** The archive in this folder, once it and its checksum are there and nothing else is. */
    private static Path awaitArchive(Path folder) throws Exception {
        Await.until("the archive is written", MAKING, () -> Files.isDirectory(folder) && files(folder).size() == 2
                && Files.size(files(folder).getFirst()) > 0);
        return files(folder).getFirst();
    }

    /** The archive in a cache of this test's own, as if it had been made there. */
    private Path copyOfArchive() throws Exception {
        Path folder = Files.createDirectories(directory.resolve("cache/heddle"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        for (Path file : files(made.resolve("heddle"))) {
            Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
        }
        return files(folder).getFirst();
    }

    private Map<String, String> ownCache() {
        return cache(directory.resolve("cache"));
    }

    /** Whether a start with this cache takes its classes from the archive. */
    private boolean usesArchive(Path cache) throws Exception {
        Finished traced = built.run(Map.of("XDG_CACHE_HOME", cache.toString(), "HEDDLE_JAVA_OPTS", TRACE), NOTHING,
                HEDDLE, "--version");
        assertThat(traced.code()).isZero();
        return traced.out().lines().anyMatch(line -> line.contains(" dev.heddle.cli.HeddleCommand ")
                && line.contains("shared objects file"));
    }

    /** Runs a script in a shell, with the executable as $0 and the address of the server as $1. */
    private Finished inShell(String script) throws Exception {
        return built.run("sh", "-c", script, HEDDLE, built.address());
    }

    @Test
    void aDeletedDirectoryIsNoneOfTheCommandsBusiness() throws Exception {
        built.serve(Map.of(), "--no-auth");
        Path gone = directory.resolve("gone");
        String enter = "mkdir " + gone + " && cd " + gone + " && rmdir " + gone + " && exec \"$0\" ";
        Finished run = inShell(enter + "run -n -h \"$1\" -- sh -c 'echo out; exit 42'");
        assertThat(List.of(run.code(), run.out())).isEqualTo(List.of(42, "out\n"));
        Finished serve = inShell(enter + "serve --no-auth --listen resp://127.0.0.1:0");
        assertThat(serve.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(serve.err()).endsWith("heddle: the working directory has been deleted\n");
        Finished token = inShell(enter + "token --out token");
        assertThat(token.code()).isEqualTo(ExitCodes.FAILED);
    }

    @Test
    void whereTheAddressSpaceIsLimitedTheCommandRunsOrOneLineSaysWhyNot() throws Exception {
        built.serve(Map.of(), "--no-auth");
        for (int kib : new int[] {1_500_000, 1_300_000}) { // with the second one the JVM started, and then ended with 1
            Finished enough = inShell("ulimit -v " + kib
                    + "; exec \"$0\" run -n -h \"$1\" -- sh -c 'echo out; exit 42'");
            assertThat(List.of(enough.code(), enough.out(), enough.err())).isEqualTo(List.of(42, "out\n", ""));
        }
        Finished less = inShell("ulimit -v 600000; exec \"$0\" run -n -h \"$1\" -- sh -c 'exit 42'");
        assertRefused(less, "heddle: the JVM does not start: ");
    }

    private static void assertRefused(Finished finished, String error) {
        assertThat(finished.out()).isEmpty();
        assertThat(finished.err().lines()).singleElement().asString().startsWith(error);
        assertThat(finished.code()).isEqualTo(ExitCodes.CONNECTION);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "sh", "shell", "start", "jobs", "logs", "wait", "kill", "ready", "upper"})
    void aJvmThatDoesNotStartIsNoResultOfARemoteCommand(String client) throws Exception {
        assertRefused(built.run(Map.of("HEDDLE_JAVA_OPTS", "-XX:+NoSuchFlag"), NOTHING, HEDDLE, client, "x"),
                "heddle: the JVM does not start: Unrecognized VM option ");
    }

    @Test
    void aJvmThatCannotBeExecutedIsNoResultOfARemoteCommand() throws Exception {
        Path home = directory.resolve("jdk");
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.write(java, new byte[] {0, 1, 2, 3});
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + Runtime.version().feature() + "\"\n");
        for (String shell : List.of("sh", "bash")) {
            Finished finished = built.run(Map.of("HEDDLE_JAVA_HOME", home.toString(), "XDG_CACHE_HOME", "/dev/null"),
                    NOTHING, shell, HEDDLE, "run", "x");
            assertThat(List.of(finished.code(), finished.out())).as(shell + finished.err())
                    .isEqualTo(List.of(ExitCodes.CONNECTION, ""));
        }
        Finished none = built.run(Map.of("HEDDLE_JAVA_HOME", "/nowhere"), NOTHING, HEDDLE, "run", "x");
        assertThat(none.code()).isEqualTo(ExitCodes.CONNECTION);
        assertThat(built.run(Map.of("HEDDLE_JAVA_HOME", "/nowhere"), NOTHING, HEDDLE, "man").code()).isEqualTo(69);
    }

    @Test
    void aClientWhoseMemoryDoesNotSufficeIsNoResultOfARemoteCommand() throws Exception {
        built.serve(Map.of(), "--no-auth");
        List<String> command = new ArrayList<>(List.of(HEDDLE, "run", "-n", "-h", built.address(), "--", "true"));
        command.addAll(Collections.nCopies(15, "x".repeat(120_000)));
        assertRefused(built.run(Map.of("HEDDLE_JAVA_OPTS", "-XX:+UseSerialGC -Xmx6m"), NOTHING,
                command.toArray(String[]::new)), "heddle: java.lang.OutOfMemoryError: ");
    }

    @Test
    void variablesForAllJvmsAndFilesForThemDoNothing() throws Exception {
        built.serve(Map.of(), "--no-auth");
        Files.createFile(directory.resolve(".hotspotrc"));
        Files.createFile(directory.resolve(".hotspot_compiler"));
        Map<String, String> variables = Map.of("JAVA_TOOL_OPTIONS", "-Dx=1 -XX:+UseParallelGC", "JDK_JAVA_OPTIONS",
                "-Dy=1", "_JAVA_OPTIONS", "-XX:+NoSuchFlag", "_JAVA_LAUNCHER_DEBUG", "1");
        Finished finished = built.run(variables, NOTHING, "sh", "-c", "cd \"$2\"; exec \"$0\" run -n -h \"$1\" echo hi",
                HEDDLE, built.address(), directory.toString());
        assertThat(List.of(finished.code(), finished.out(), finished.err())).isEqualTo(List.of(0, "hi\n", ""));
    }

    @Test
    void whatTheJvmHasToSayIsNotOutputOfTheCommand() throws Exception {
        built.serve(Map.of(), "--no-auth");
        Process client = built.start(HEDDLE, "run", "-n", "-h", built.address(), "--", "sh", "-c",
                "echo begun; sleep 600");
        BufferedReader out = client.inputReader();
        assertThat(out.readLine()).isEqualTo("begun");
        assertThat(new ProcessBuilder("kill", "-QUIT", Long.toString(client.pid())).start().waitFor()).isZero();
        assertThat(client.errorReader().lines().anyMatch(line -> line.contains("Full thread dump"))).isTrue();
        assertThat(new ProcessBuilder("kill", "-TERM", Long.toString(client.pid())).start().waitFor()).isZero();
        assertThat(out.readLine()).isNull();
    }

    /** What may happen to a file. */
    private enum Damage { EMPTIED, CUT, CUT_AND_FILLED_UP, OVERWRITTEN, OF_ANOTHER_JDK, LOCKED, WITHOUT_CHECKSUM }

    private static void damage(Path archive, Damage how) throws IOException {
        long size = Files.size(archive);
        switch (how) {
            case EMPTIED -> cut(archive, 0);
            case CUT -> cut(archive, size / 2);
            case CUT_AND_FILLED_UP -> {
                cut(archive, size / 2);
                try (FileChannel channel = FileChannel.open(archive, StandardOpenOption.WRITE)) {
                    channel.write(ByteBuffer.allocate(1), size - 1);
                }
            }
            case OVERWRITTEN -> Files.writeString(archive, "not an archive");
            case OF_ANOTHER_JDK -> {
                byte[] bytes = Files.readAllBytes(archive);
                String text = new String(bytes, 0, 4096, StandardCharsets.ISO_8859_1);
                bytes[text.indexOf("VM (") + 4]++;
                FileTime before = Files.getLastModifiedTime(archive);
                Files.write(archive, bytes);
                Files.setLastModifiedTime(archive, before); // its checksum would be right
            }
            case LOCKED -> Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("---------"));
            case WITHOUT_CHECKSUM -> Files.delete(checksum(archive));
        }
    }

    private static Path checksum(Path archive) {
        return archive.resolveSibling(archive.getFileName() + ".sum");
    }

    private static void cut(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void aDamagedArchiveDoesNoHarm(Damage how) throws Exception {
        Path archive = copyOfArchive();
        damage(archive, how);
        for (int i = 0; i < 2; i++) { // the second may be while a new one is made
            Finished finished = built.run(ownCache(), NOTHING, HEDDLE, "--version");
            assertThat(finished.out()).startsWith("heddle 0.");
            assertThat(List.of(finished.code(), finished.err())).isEqualTo(List.of(0, ""));
        }
        // An empty one marks an attempt; the JVM itself passes over that of another; root can read all.
        if (how != Damage.EMPTIED && how != Damage.OF_ANOTHER_JDK && how != Damage.LOCKED) {
            awaitArchive(archive.getParent());
            assertThat(usesArchive(directory.resolve("cache"))).as("it was made again").isTrue();
        }
    }

    @Test
    void anArchiveWhoseDamageLeftNoTraceIsRemovedByTheCrash() throws Exception {
        Path archive = copyOfArchive();
        FileTime before = Files.getLastModifiedTime(archive);
        damage(archive, Damage.CUT_AND_FILLED_UP);
        Files.setLastModifiedTime(archive, before);
        built.run(ownCache(), NOTHING, "sh", "-c", "ulimit -c 0; cd \"$1\" && exec \"$0\" --version", HEDDLE,
                directory.toString()); // crashes, or not
        Finished second = built.run(ownCache(), NOTHING, HEDDLE, "--version");
        assertThat(List.of(second.code(), second.err())).isEqualTo(List.of(0, ""));
        awaitArchive(archive.getParent());
        assertThat(usesArchive(directory.resolve("cache"))).isTrue();
    }

    @Test
    void anArchiveThatARunningServerHasMappedIsNotOverwritten() throws Exception {
        Path copy = Files.copy(Path.of(HEDDLE), directory.resolve("heddle"), StandardCopyOption.COPY_ATTRIBUTES);
        assertThat(built.run(ownCache(), NOTHING, copy.toString(), "--version").code()).isZero();
        Path archive = awaitArchive(directory.resolve("cache/heddle"));
        Path mapped = Files.createLink(directory.resolve("mapped"), archive);
        long size = Files.size(mapped);
        Files.setLastModifiedTime(copy, FileTime.from(Instant.now())); // as a new build has it
        assertThat(built.run(ownCache(), NOTHING, copy.toString(), "--version").code()).isZero();
        assertThat(Files.size(mapped)).isEqualTo(size);
        awaitArchive(directory.resolve("cache/heddle"));
        assertThat(Files.size(mapped)).isEqualTo(size);
    }

    @Test
    void aJarFromTheFutureGetsOneArchiveToo() throws Exception {
        Path copy = Files.copy(Path.of(HEDDLE), directory.resolve("heddle"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.setLastModifiedTime(copy, FileTime.from(Instant.now().plus(Duration.ofDays(1))));
        assertThat(built.run(ownCache(), NOTHING, copy.toString(), "--version").code()).isZero();
        Path archive = awaitArchive(directory.resolve("cache/heddle"));
        Object key = Files.getAttribute(archive, "unix:ino");
        assertThat(built.run(ownCache(), NOTHING, copy.toString(), "--version").code()).isZero();
        assertThat(Files.getAttribute(archive, "unix:ino")).isEqualTo(key);
        assertThat(Files.size(archive)).isPositive();
    }

    @Test
    void ofSeveralFirstStartsOneMakesTheArchive() throws Exception {
        List<Process> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ProcessBuilder builder = new ProcessBuilder(HEDDLE, "--version").redirectErrorStream(true);
            builder.environment().putAll(ownCache());
            all.add(built.start(builder));
        }
        for (Process process : all) {
            assertThat(new String(process.getInputStream().readAllBytes())).startsWith("heddle 0.").hasLineCount(1);
            assertThat(process.waitFor()).isZero();
        }
        awaitArchive(directory.resolve("cache/heddle"));
        assertThat(usesArchive(directory.resolve("cache"))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"cache/heddle, rwxrwxrwx", "cache/heddle, rwxrwx---", "cache/heddle, rwx----w-", "cache, rwxrwxrwx"})
    void aFolderThatOthersMayWriteToHoldsNoArchive(String folder, String mode) throws Exception {
        Path archive = copyOfArchive();
        assertThat(usesArchive(directory.resolve("cache"))).as("while it is private").isTrue();
        Files.setPosixFilePermissions(directory.resolve(folder), PosixFilePermissions.fromString(mode));
        assertThat(usesArchive(directory.resolve("cache"))).isFalse();
        assertThat(files(archive.getParent())).as("nothing is made there either").hasSize(2);
    }

    @Test
    void ofALinkItsTargetCounts() throws Exception {
        Path archive = copyOfArchive();
        Path linking = Files.createDirectory(directory.resolve("linking"));
        Files.createSymbolicLink(linking.resolve("heddle"), archive.getParent());
        assertThat(usesArchive(linking)).as("to a folder that is private").isTrue();
        Files.setPosixFilePermissions(directory.resolve("cache"), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(usesArchive(linking)).as("to one that others may put another in the place of").isFalse();
    }

    @Test
    void aFolderOfAnotherUserHoldsNoArchive() throws Exception {
        Path archive = copyOfArchive();
        assumeThat(new ProcessBuilder("chown", "65534", archive.getParent().toString()).start().waitFor())
                .as("chown(1) works").isZero();
        assertThat(usesArchive(directory.resolve("cache"))).isFalse();
    }
}
