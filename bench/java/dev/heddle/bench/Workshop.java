package dev.heddle.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Where the programs of a run are, and a folder of its own for their files, which goes with it. */
final class Workshop implements AutoCloseable {
    private static final int START_SECONDS = 60;

    private final Path folder;
    private final Path target;

    Workshop() throws IOException, URISyntaxException {
        target = Path.of(Workshop.class.getProtectionDomain().getCodeSource().getLocation().toURI()).getParent();
        if (!Files.isExecutable(target.resolve("heddle"))) {
            throw new IOException("no executable " + target.resolve("heddle") + ": mvn -q -B -Pbench package"
                    + " -DskipTests makes it");
        }
        folder = Files.createTempDirectory(target, "bench-");
        Runtime.getRuntime().addShutdownHook(new Thread(this::closeAtExit));
    }

    static Path javaHome() {
        return Path.of(System.getProperty("java.home"));
    }

    static Path java() {
        return javaHome().resolve("bin/java");
    }

    /** The command of a JVM with our classes, whose stdout is the program's alone. */
    static List<String> own(Class<?> main, Object... arguments) {
        return Stream.concat(Stream.of(java(), "--enable-preview", "--enable-native-access=ALL-UNNAMED", "-Xlog:disable",
                "-cp", System.getProperty("java.class.path"), main.getName()), Stream.of(arguments))
                .map(Object::toString).toList();
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    Path log() throws IOException {
        return Files.createTempFile(folder, "output-", ".txt");
    }

    /** The product as users have it. */
    String heddle() {
        return target.resolve("heddle").toString();
    }

    /** Makes {@code target/heddle} take this JVM's JDK, and its class archive from our folder. */
    Map<String, String> environment() {
        return Map.of("HEDDLE_JAVA_HOME", javaHome().toString(), "XDG_CACHE_HOME", folder.toString());
    }

    Path resource(String name) throws IOException {
        Path copy = folder.resolve(name);
        try (InputStream in = Workshop.class.getResourceAsStream("/" + name)) {
            Files.createDirectories(copy.getParent());
            Files.copy(in, copy);
        }
        return copy;
    }

    /** A program on the PATH. */
    static Optional<Path> installed(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(directory -> Path.of(directory, program)).filter(Files::isExecutable).findFirst();
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Lets {@code target/heddle} write its class archive, which a first start does in the background. */
    void writeClassArchive() throws IOException, InterruptedException, TimeoutException {
        Started.run(START_SECONDS, log(), environment(), List.of(heddle(), "--help"));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!archiveIsThere()) {
            if (System.nanoTime() > deadline) {
                throw new TimeoutException("no class archive after " + START_SECONDS + " s");
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private boolean archiveIsThere() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("heddle"))) {
            List<Path> archives = files.toList();
            return archives.size() == 1 && Files.size(archives.getFirst()) > 0;
        }
    }

    /** A server in a process of its own; no limit of its is in the way of the benchmarks. */
    Server serve(String threads, String... options) throws IOException, InterruptedException, TimeoutException {
        Path addresses = file("addresses-" + System.nanoTime());
        List<String> command = new ArrayList<>(List.of(heddle(), "serve", "--no-auth", "--listen",
                "resp://127.0.0.1:0", "--threads", threads, "--print-addresses", addresses.toString(),
                "--max-connections", "15000", "--max-waiting", "15000", "--max-wait", "60s", "--drain-time", "0s"));
        command.addAll(List.of(options));
        Path log = log();
        Started process = Started.start(log, environment(), command);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!Files.exists(addresses)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                process.close();
                throw new IOException("the server does not start: " + Files.readString(log).strip());
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        String address = Files.readString(addresses).strip();
        return new Server(process, Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
    }

    /** A server that accepts clients. */
    record Server(Started process, int port) implements AutoCloseable {
        @Override
        public void close() {
            process.close();
        }
    }

    private void closeAtExit() {
        try {
            close();
        } catch (IOException e) {
            System.err.println("benchmarks: " + folder + " is left: " + e);
        }
    }

    @Override
    public void close() throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
